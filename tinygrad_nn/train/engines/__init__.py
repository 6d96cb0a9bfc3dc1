"""How a training step runs: number by number, or as a program."""
