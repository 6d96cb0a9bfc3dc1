"""A GPT in single numbers: every weight, score and probability is one Value.

It learns to spell names, letter by letter, with one layer of causal self-attention:

    x_t    = token[letter_t] + position[t]                              embeddings
    x_t   += O [softmax(q_t . k_s / sqrt(d)) over s <= t] . v_s         attention, 4 heads
    x_t   += W2 relu(W1 x_t)                                            feed-forward network
    p_t    = softmax(H x_t),    loss = mean of -log p_t[letter_t+1]

Each part sees its input divided by its root mean square. There are 4192 parameters. No
line depends on the class of the numbers: `train` takes it as an argument, and the
forward pass reads no number out of a Value but the greatest logit, which shifts a
softmax without changing it.

    python examples/scalar_gpt.py --steps 200
    python examples/scalar_gpt.py --steps 200 --usual

The architecture is that of Radford et al., *Language Models are Unsupervised Multitask
Learners* (2019), with the normalisation of Zhang and Sennrich, *Root Mean Square Layer
Normalization* (2019), and no biases.
"""

from __future__ import annotations

import argparse
import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

Number: TypeAlias = Any  # a Value of whichever class
Vector: TypeAlias = list[Number]
Matrix: TypeAlias = list[Vector]
Parameters: TypeAlias = dict[str, Matrix]
Shift: TypeAlias = Callable[[Vector], Any]

WIDTH = 16
HEADS = 4
HEAD_WIDTH = WIDTH // HEADS
BLOCK = 16
LETTERS = "abcdefghijklmnopqrstuvwxyz"
EDGE = len(LETTERS)  # the token before the first letter and after the last
SHAPES = {
    "token": (EDGE + 1, WIDTH),
    "position": (BLOCK, WIDTH),
    "query": (WIDTH, WIDTH),
    "key": (WIDTH, WIDTH),
    "value": (WIDTH, WIDTH),
    "output": (WIDTH, WIDTH),
    "widen": (4 * WIDTH, WIDTH),
    "narrow": (WIDTH, 4 * WIDTH),
    "head": (EDGE + 1, WIDTH),
}
NAMES = """
    ada alan albert alice amelie anna anton arthur astrid barbara benjamin bernhard blaise carl
    carolyn cecilia charles clara david dorothy edith edmund elena elisabeth emil emmy erwin
    euclid evelyn felix florence frances george gottfried grace hannah harriet hedy helen henri
    hermann hilda ida ingrid isaac jacob james jean johanna john joseph julia karen katherine
    leonhard linda lise louis luise mabel maria marie martha mary maryam max michael nadia niels
    nora oliver olga otto paul peter pierre ralph rebecca richard robert rosalind ruth sally
    samuel simon sofia sophie stella theodor thomas ursula valentin vera victor walter werner
    wilhelm yvonne
""".split()  # noqa: SIM905  # a list of them would be a hundred lines


def tokens_of(name: str) -> list[int]:
    """Number the letters of a name, with the edge token at both ends, cut to the block."""
    return [EDGE, *(LETTERS.index(letter) for letter in name), EDGE][: BLOCK + 1]


# ---- the model ---------------------------------------------------------------------------------


def initial_parameters(value: Callable[[float], Number], rng: random.Random) -> Parameters:
    """Draw all parameters from a normal distribution of standard deviation 0.1."""
    return {
        name: [[value(rng.gauss(0.0, 0.1)) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in SHAPES.items()
    }


def flat(parameters: Parameters) -> Vector:
    """List all parameters, matrix by matrix and row by row."""
    return [weight for matrix in parameters.values() for row in matrix for weight in row]


def add(a: Vector, b: Vector) -> Vector:
    """The sum of two vectors."""
    return [x + y for x, y in zip(a, b, strict=True)]


def total(numbers: Sequence[Number]) -> Number:
    """The sum of one number or more."""
    result = numbers[0]
    for number in numbers[1:]:
        result = result + number
    return result


def dot(a: Vector, b: Vector) -> Number:
    """The scalar product of two vectors."""
    result = a[0] * b[0]
    for x, y in zip(a[1:], b[1:], strict=True):
        result = result + x * y
    return result


def linear(matrix: Matrix, x: Vector) -> Vector:
    """The product of a matrix and a vector."""
    return [dot(row, x) for row in matrix]


def normalise(x: Vector) -> Vector:
    """Divide a vector by its root mean square."""
    scale = (dot(x, x) / len(x) + 1e-5) ** -0.5
    return [entry * scale for entry in x]


def greatest(numbers: Vector) -> float:
    """The greatest number, as a plain one: what a softmax is shifted by has no derivative."""
    return max(float(number.data) for number in numbers)


def softmax(scores: Vector, shift: Shift = greatest) -> Vector:
    """Probabilities proportional to the exponentials of the scores."""
    top = shift(scores)
    powers = [(score - top).exp() for score in scores]
    whole = total(powers)
    return [power / whole for power in powers]


def cross_entropy(logits: Vector, target: int, shift: Shift) -> Number:
    """The negative logarithm of the probability that a softmax gives the target."""
    top = shift(logits)
    return total([(logit - top).exp() for logit in logits]).log() - (logits[target] - top)


def attention(p: Parameters, x: Vector, keys: Matrix, values: Matrix, shift: Shift) -> Vector:
    """Mix the values of this position and those before it; its own are appended to the lists."""
    query = linear(p["query"], x)
    keys.append(linear(p["key"], x))
    values.append(linear(p["value"], x))
    mixed: Vector = []
    for start in range(0, WIDTH, HEAD_WIDTH):
        part = slice(start, start + HEAD_WIDTH)
        scores = [dot(query[part], key[part]) / HEAD_WIDTH**0.5 for key in keys]
        weights = softmax(scores, shift)
        columns = zip(*(value[part] for value in values), strict=True)
        mixed += [dot(weights, list(column)) for column in columns]
    return linear(p["output"], mixed)


def feed_forward(p: Parameters, x: Vector) -> Vector:
    """A network of one hidden layer, four times as wide."""
    return linear(p["narrow"], [z.relu() for z in linear(p["widen"], x)])


def next_logits(
    p: Parameters, token: int, keys: Matrix, values: Matrix, shift: Shift = greatest
) -> Vector:
    """Score every token as the one that follows.

    Parameters
    ----------
    p : dict of str to list of list of Value
        The parameters, of `SHAPES`.
    token : int
        What is read at this position.
    keys, values : list of list of Value, shape (positions read before, WIDTH)
        What attention keeps of the positions before this one; this one is appended.
    shift : callable
        Gives what to subtract from a list of scores before their exponentials.

    Returns
    -------
    list of Value, shape (vocabulary,)
    """
    x = add(p["token"][token], p["position"][len(keys)])
    x = add(x, attention(p, normalise(x), keys, values, shift))
    x = add(x, feed_forward(p, normalise(x)))
    return linear(p["head"], normalise(x))


def document_loss(p: Parameters, tokens: Sequence[int], shift: Shift = greatest) -> Number:
    """The mean cross-entropy of one document: each token but the first is predicted.

    Examples
    --------
    With functions of `tinygrad_nn` in place of the plain shift nothing is read out of
    a Value: ``document_loss(p, tokens, lambda x: stop_gradient(max(x)))``.
    """
    keys: Matrix = []
    values: Matrix = []
    losses = [
        cross_entropy(next_logits(p, token, keys, values, shift), target, shift)
        for token, target in itertools.pairwise(tokens)
    ]
    return total(losses) / len(losses)


# ---- training ----------------------------------------------------------------------------------


class Adam:
    """Adam (Kingma and Ba, 2015), in plain numbers.

    Parameters
    ----------
    parameters : list of Value
        What to change.
    learning_rate, beta1, beta2 : float
        The step size, and how much of the running means is kept.
    """

    def __init__(
        self,
        parameters: Vector,
        learning_rate: float = 0.01,
        beta1: float = 0.9,
        beta2: float = 0.99,
    ) -> None:
        self.parameters = parameters
        self.learning_rate, self.beta1, self.beta2 = learning_rate, beta1, beta2
        self.means = [0.0] * len(parameters)
        self.squares = [0.0] * len(parameters)
        self.steps = 0

    def zero_grad(self) -> None:
        """Set all gradients back to 0."""
        for parameter in self.parameters:
            parameter.grad = 0.0

    def step(self) -> None:
        """Move every parameter against its gradient."""
        self.steps += 1
        beta1, beta2 = self.beta1, self.beta2
        rate = self.learning_rate / (1.0 - beta1**self.steps)
        unbias = 1.0 / (1.0 - beta2**self.steps)
        for i, parameter in enumerate(self.parameters):
            slope = parameter.grad
            self.means[i] = mean = beta1 * self.means[i] + (1.0 - beta1) * slope
            self.squares[i] = square = beta2 * self.squares[i] + (1.0 - beta2) * slope * slope
            parameter.data -= rate * mean / ((unbias * square) ** 0.5 + 1e-8)


def train(parameters: Parameters, steps: int, rng: random.Random) -> Iterator[float]:
    """Take one step for each of so many documents, and yield their losses."""
    optimizer = Adam(flat(parameters))
    for _ in range(steps):
        optimizer.zero_grad()
        loss = document_loss(parameters, tokens_of(rng.choice(NAMES)))
        loss.backward()
        optimizer.step()
        yield float(loss.data)


def invent(parameters: Parameters, rng: random.Random, temperature: float = 0.5) -> str:
    """Spell a new name, each letter drawn from the predicted probabilities."""
    keys: Matrix = []
    values: Matrix = []
    token, name = EDGE, ""
    while len(name) < BLOCK:
        logits = next_logits(parameters, token, keys, values)
        weights = [p.data for p in softmax([logit / temperature for logit in logits])]
        (token,) = rng.choices(range(EDGE + 1), weights)
        if token == EDGE:
            break
        name += LETTERS[token]
    return name


def main() -> None:
    """Train, print how the loss falls, and a few names."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--steps", type=int, default=200, help="how many documents to train on")
    parser.add_argument("--usual", action="store_true", help="use usual_value.Value instead")
    options = parser.parse_args()
    if options.usual:
        from usual_value import Value
    else:
        from tinygrad_nn import Value
    rng = random.Random(42)
    parameters = initial_parameters(Value, rng)
    print(f"{len(flat(parameters))} parameters")
    recent: list[float] = []
    for step, loss in enumerate(train(parameters, options.steps, rng), start=1):
        recent = [*recent, loss][-20:]
        if step % 20 == 0:
            print(f"step {step:4}   loss {sum(recent) / len(recent):.3f}")
    print(*(invent(parameters, rng) for _ in range(5)))


if __name__ == "__main__":
    main()
