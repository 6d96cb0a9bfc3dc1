"""What languages with loops share: a program as nested loops over numbers in arrays."""
