# %% [markdown]
# # Sheet 4. The training loop
#
# The network of sheet 3 begins with random weights, and is wrong. To train it is to change its parameters a
# little, over and over, so that the loss falls. This is **gradient descent**: for all parameters $a$
# at once
#
# $$b = a - \alpha \, \nabla J(a).$$
#
# $J$ is the **cost**, the mean loss over the samples, and $\alpha$ is the **learning rate**.
#
# | part | time | points |
# |---|---|---|
# | core | 60 minutes | 8 |
# | further | 30 minutes | 4 |
# | challenge | 35 minutes | 3 |
#
# The cell below takes engine and network of `tinygrad_nn`. Your own of sheets 2 and 3 will do as well: put
# them in, once the core works. The data are XOR, "one or the other, but not both": no straight line parts
# the two classes.

# %%
from random import Random

from tinygrad_nn import Value, nn

X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
y = [0, 1, 1, 0]


def new_model():
    """Make a network of two inputs and one score, with random weights that are the same each time."""
    return nn.MLP(2, [4, 1], activation="tanh", seed=0)


def cost_of(model):
    """Give the mean loss over all samples, as a Value."""
    losses = [
        nn.binary_cross_entropy_with_logits(model(x), label) for x, label in zip(X, y, strict=True)
    ]
    return nn.cost(losses)


# %% [markdown]
# ## One step
#
# One step of training has four parts:
#
# 1. Set each parameter's `grad` to 0: `backward` adds to what is there.
# 2. Forward: compute the cost.
# 3. Backward: `backward()` of the cost gives each parameter its `grad`.
# 4. Update: take `learning_rate` times `grad` off each parameter's `data`.
#
# **Task step.** `step(parameters, cost, learning_rate)` does these. `parameters` is a list of `Value`s, and
# `cost()` computes the cost anew and gives a `Value`. The result of `step` is the cost before the
# update, as a plain number.
#
# With `tinygrad_nn` installed, this tells you in a sentence what is wrong:
#
# ```python
# from tinygrad_nn import grade_step
# print(grade_step(step))
# ```
#
# **Task train.** `train(parameters, cost, learning_rate, steps)` takes so many steps, and gives the list of the costs
# that they had.
#
# **Task accuracy.** `accuracy(model, X, y)` is the share of samples that are classified rightly, a number
# from 0 to 1. `model(x)` gives a score, a `Value`: above 0 it means class 1, else class 0.


# %%
def step(parameters, cost, learning_rate):
    """Take one step of gradient descent, and give the cost before it."""
    ### BEGIN SOLUTION step
    for parameter in parameters:
        parameter.grad = 0.0
    value = cost()
    value.backward()
    for parameter in parameters:
        parameter.data -= learning_rate * parameter.grad
    return value.data
    ### END SOLUTION


def train(parameters, cost, learning_rate, steps):
    """Take steps of gradient descent, and list the costs."""
    ### BEGIN SOLUTION train
    return [step(parameters, cost, learning_rate) for _ in range(steps)]
    ### END SOLUTION


def accuracy(model, X, y):
    """Give the share of samples that are classified rightly."""
    ### BEGIN SOLUTION accuracy
    right = sum((model(x).data > 0) == (label == 1) for x, label in zip(X, y))
    return right / len(y)
    ### END SOLUTION


# %% test step, core, 4 points
w = Value(3.0)
before = step([w], lambda: (w - 1) ** 2, 0.25)
assert before == 4, f"the cost before the step is (3 - 1) ** 2 = 4, not {before}"
assert w.data == 2, (
    f"3 - 0.25 * 4 is 2, not {w.data}: the derivative of (w - 1) ** 2 is 2 (w - 1) = 4"
)
step([w], lambda: (w - 1) ** 2, 0.25)
assert w.data == 1.5, f"the second step leads from 2 to 1.5, not to {w.data}: was grad set to 0?"
### BEGIN HIDDEN TESTS
from tinygrad_nn import grade_step

found = grade_step(step)
assert found.passed, f"{found}"
### END HIDDEN TESTS

# %% test train, core, 2 points
model = new_model()
costs = train(model.parameters(), lambda: cost_of(model), 1.0, 100)
assert len(costs) == 100, f"100 steps have 100 costs, not {len(costs)}"
assert abs(costs[0] - cost_of(new_model()).data) < 1e-12, (
    "the first cost is that before the first step"
)
assert costs[-1] < 0.1 < costs[0], f"the cost should fall below 0.1; it is {costs[-1]}"
### BEGIN HIDDEN TESTS
w = Value(3.0)
costs = train([w], lambda: (w - 1) ** 2, 0.25, 4)
assert costs == [4, 1, 0.25, 0.0625], f"each cost is a quarter of the one before, not {costs}"
assert train([w], lambda: (w - 1) ** 2, 0.25, 0) == [], "no steps have no costs"
### END HIDDEN TESTS

# %% test accuracy, core, 2 points
scores = {1: Value(2.5), 2: Value(-0.5), 3: Value(0.1), 4: Value(-3.0)}
share = accuracy(scores.get, [1, 2, 3, 4], [1, 0, 1, 0])
assert share == 1, f"all four are right, so the accuracy is 1, not {share}"
share = accuracy(scores.get, [1, 2, 3, 4], [1, 1, 0, 0])
assert share == 0.5, f"two of four are right, so the accuracy is 0.5, not {share}"
### BEGIN HIDDEN TESTS
share = accuracy(scores.get, [1, 2, 3], [0, 0, 0])
assert abs(share - 1 / 3) < 1e-12, f"one of three is right, so the accuracy is 1/3, not {share}"
assert accuracy(lambda x: Value(0.0), [1, 2], [0, 1]) == 0.5, "a score of 0 means class 0"
### END HIDDEN TESTS

# %% [markdown]
# ## Further: batches and momentum
#
# With many samples, a step on a few of them, a **batch**, is nearly as good and much faster. All batches
# together, each sample once, are an **epoch**.
#
# **Task batches.** `batches(count, size, rng)` gives a list of lists: the numbers 0 to `count` - 1, shuffled by
# `rng.shuffle`, `size` in each list. The last may have fewer.
#
# **Task momentum.** Steps go straighter if each keeps something of the ones before. With a **velocity** $v$ for
# each parameter, 0 at first: $v \leftarrow \beta v + \nabla J$ and then $a \leftarrow a - \alpha v$.
# `momentum_step(parameters, velocities, cost, learning_rate, beta)` takes such a step. It changes the list
# `velocities` of plain numbers in place.


# %%
def batches(count, size, rng):
    """Part 0 ... count - 1 into lists of a size, in random order."""
    ### BEGIN SOLUTION batches
    numbers = list(range(count))
    rng.shuffle(numbers)
    return [numbers[start : start + size] for start in range(0, count, size)]
    ### END SOLUTION


def momentum_step(parameters, velocities, cost, learning_rate, beta):
    """Take one step with momentum."""
    ### BEGIN SOLUTION momentum
    for parameter in parameters:
        parameter.grad = 0.0
    cost().backward()
    for place, parameter in enumerate(parameters):
        velocities[place] = beta * velocities[place] + parameter.grad
        parameter.data -= learning_rate * velocities[place]
    ### END SOLUTION


# %% test batches, further, 2 points
found = batches(10, 4, Random(0))
assert [len(batch) for batch in found] == [4, 4, 2], "10 samples in batches of 4 are 4, 4 and 2"
assert sorted(number for batch in found for number in batch) == list(range(10)), (
    "each sample is in one batch"
)
assert found != batches(10, 4, Random(1)), "another rng gives another order"
### BEGIN HIDDEN TESTS
assert [len(batch) for batch in batches(8, 4, Random(0))] == [4, 4], (
    "8 samples are two batches: none is empty"
)
assert [len(batch) for batch in batches(3, 5, Random(0))] == [3], (
    "fewer samples than a batch are one batch"
)
### END HIDDEN TESTS

# %% test momentum, further, 2 points
w, velocities = Value(3.0), [0.0]
for want, velocity in [(2.0, 4.0), (1.0, 4.0), (0.5, 2.0)]:
    momentum_step([w], velocities, lambda: (w - 1) ** 2, 0.25, 0.5)
    assert (w.data, velocities) == (want, [velocity]), (
        f"w should be {want} and v {velocity}, not {w.data} and {velocities}"
    )
### BEGIN HIDDEN TESTS
a, b, velocities = Value(1.0), Value(2.0), [0.0, 1.0]
momentum_step([a, b], velocities, lambda: a * b, 0.5, 0.5)
assert (velocities, a.data, b.data) == ([2.0, 1.5], 0.0, 1.25), (
    "each parameter has a velocity of its own"
)
### END HIDDEN TESTS

# %% [markdown]
# ## Challenge: stop in time
#
# Trained for too long, a network learns its samples by heart, and gets worse on others. So some samples are
# **held out**: nothing is learned from them, and training stops when the cost on them no longer falls.
#
# **Task early stopping.** `fit(parameters, cost, held_out, learning_rate, patience)` takes steps on `cost`.
# `held_out()` gives the cost on the held-out samples as a plain number; call it before the first step and after
# each. When it has not fallen below its best for `patience` steps in a row, stop, and set the parameters' `data`
# back to what they were at the best. The result is the best held-out cost.


# %%
def fit(parameters, cost, held_out, learning_rate, patience):
    """Train until the held-out cost no longer falls, and go back to its best."""
    ### BEGIN SOLUTION early stopping
    best, kept, waited = held_out(), [p.data for p in parameters], 0
    while waited < patience:
        step(parameters, cost, learning_rate)
        now, waited = held_out(), waited + 1
        if now < best:
            best, kept, waited = now, [p.data for p in parameters], 0
    for parameter, number in zip(parameters, kept):
        parameter.data = number
    return best
    ### END SOLUTION


# %% test early stopping, challenge, 3 points
w, seen = Value(0.0), []


def held_out():
    seen.append(abs(w.data - 2.0))
    return seen[-1]


best = fit([w], lambda: (w - 4) ** 2, held_out, 0.25, 3)  # w: 0, 2, 3, 3.5, 3.75 and so on to 4
assert w.data == 2, f"the held-out cost was least at w = 2, and w is {w.data}"
assert best == 0, f"the least held-out cost was 0, not {best}"
assert seen == [2, 0, 1, 1.5, 1.75], (
    f"one look before, one at the best, and 3 in vain; these were {seen}"
)
### BEGIN HIDDEN TESTS
w, falls = Value(0.0), [5.0, 4.0, 4.5, 3.0, 3.0, 3.5, 2.0]
best = fit([w], lambda: (w - 4) ** 2, lambda: falls.pop(0), 0.25, 2)
assert (best, w.data) == (3.0, 3.5), f"a new best starts the waiting again; got {best} and {w.data}"
assert falls == [2.0], "a cost that is the same is no better"
### END HIDDEN TESTS

# %% [markdown]
# ## All of it yours
#
# Put your own `Value` and `MLP` in the first cell, with a cost made of them, and run the sheet again: an engine, a
# network and its training, written by you from the first line. The lessons of `tinygrad_nn` go on from
# here, and its `playground` trains a network in the browser, where you can watch every weight.

# %% [markdown] teacher
# ## What it is about
#
# Four lines in the right order. The order is the lesson: what happens if `grad` is not set to 0, if the update comes
# before backward, if the cost is computed once, outside of the loop? Let them try each, and watch the costs.
#
# ## What goes wrong, and how to help
#
# | what you see | ask |
# |---|---|
# | the cost falls, then grows and swings | Print `grad` before `backward`. What is in it at the second step? |
# | nothing changes | Does the update write to `data`, or to a new name? |
# | the cost grows from the first step on | Which sign has the update? |
# | `costs` has Values | Each keeps its graph alive: what does memory do in 10,000 steps? |
# | the accuracy is 0.5 for a trained model | Is a score compared with 0, or with 0.5? |
# | after early stopping `w` is at the last step | Was the list of parameters kept, or the numbers in it? |
#
# `grade_step(step)` names these mistakes in a sentence. For own engines, `grade_step(step, kind=Value)`.
#
# XOR trains in about 100 steps with a learning rate of 1. How many does it take with 0.1, and what happens
# with 10? Good questions for who is done early.
