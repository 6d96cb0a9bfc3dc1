# %% [markdown]
# # Sheet 3. Neuron, MLP and loss
#
# A neural network is arithmetic on numbers that are to be learned. On this sheet you write one: first a
# neuron, then a layer of neurons, then layers behind each other, which is called a multilayer perceptron (MLP). A
# **loss** says how wrong its outputs are. The gradients come from the engine, without another line.
#
# | part | time | points |
# |---|---|---|
# | core | 60 minutes | 9 |
# | further | 30 minutes | 4 |
# | challenge | 30 minutes | 3 |
#
# The core is enough to go on with sheet 4. The cell below takes the engine of `tinygrad_nn`. You may put your own
# class of sheet 2 in its place: it needs `+`, `-`, `*`, `/` and `**`, also with plain numbers, and `tanh`, `exp` and
# `log`.

# %%
from random import Random

from tinygrad_nn import Value

# %% [markdown]
# ## A neuron
#
# A neuron has a **weight** for each input, and one **bias**. It computes
#
# $$a = \tanh(z), \qquad z = w_1 x_1 + \dots + w_n x_n + b.$$
#
# The function $\tanh$ is its **activation**: it bends what would else be a straight line.
#
# **Task neuron.** `Neuron(inputs, rng)` makes `w`, a list of `Value`s that begin with random numbers from
# `rng.uniform(-1, 1)`, and `b`, a `Value` of 0. Call `rng` once for each weight. `neuron(x)` computes the formula
# for a list `x` of numbers, plain or `Value`s. `parameters()` lists all that is learned: the weights,
# then the bias.
#
# ## Layers
#
# **Task layer.** `Layer(inputs, outputs, rng)` has a list `neurons`, as many as it has outputs. `layer(x)` is
# the list of what they compute of the same `x`. `parameters()` lists those of all its neurons, in order.
#
# **Task MLP.** `MLP(inputs, sizes, rng)` has a list `layers`, one for each size: `MLP(2, [4, 1], rng)` has
# a layer from 2 inputs to 4 outputs, and one from these 4 to 1. What a layer gives, the next one takes.
# `mlp(x)` is the list that the last layer gives.


# %%
class Neuron:
    """An activation of a weighted sum."""

    def __init__(self, inputs, rng):
        ### BEGIN SOLUTION neuron
        self.w = [Value(rng.uniform(-1, 1)) for _ in range(inputs)]
        self.b = Value(0.0)
        ### END SOLUTION

    def __call__(self, x):
        ### BEGIN SOLUTION neuron
        z = self.b
        for weight, number in zip(self.w, x):
            z = z + weight * number
        return z.tanh()
        ### END SOLUTION

    def parameters(self):
        """List the weights and the bias."""
        ### BEGIN SOLUTION neuron
        return [*self.w, self.b]
        ### END SOLUTION


class Layer:
    """Neurons that get the same inputs."""

    def __init__(self, inputs, outputs, rng):
        ### BEGIN SOLUTION layer
        self.neurons = [Neuron(inputs, rng) for _ in range(outputs)]
        ### END SOLUTION

    def __call__(self, x):
        ### BEGIN SOLUTION layer
        return [neuron(x) for neuron in self.neurons]
        ### END SOLUTION

    def parameters(self):
        """List the parameters of all neurons."""
        ### BEGIN SOLUTION layer
        return [parameter for neuron in self.neurons for parameter in neuron.parameters()]
        ### END SOLUTION


class MLP:
    """Layers, each of which gets what the one before gives."""

    def __init__(self, inputs, sizes, rng):
        ### BEGIN SOLUTION MLP
        widths = [inputs, *sizes]
        self.layers = [Layer(before, after, rng) for before, after in zip(widths, sizes)]
        ### END SOLUTION

    def __call__(self, x):
        ### BEGIN SOLUTION MLP
        for layer in self.layers:
            x = layer(x)
        return x
        ### END SOLUTION

    def parameters(self):
        """List the parameters of all layers."""
        ### BEGIN SOLUTION MLP
        return [parameter for layer in self.layers for parameter in layer.parameters()]
        ### END SOLUTION


# %% test neuron, core, 3 points
neuron = Neuron(2, Random(0))
assert [type(w) for w in neuron.w] == [Value, Value], (
    "a neuron with 2 inputs has 2 weights, both Values"
)
assert [w.data for w in neuron.w] == [Random(0).uniform(-1, 1), neuron.w[1].data], (
    "the first weight begins with the first number of rng.uniform(-1, 1)"
)
assert neuron.b.data == 0, f"the bias begins with 0, not {neuron.b.data}"
assert neuron.parameters() == [*neuron.w, neuron.b], "the parameters are the weights, then the bias"
neuron.w[0].data, neuron.w[1].data, neuron.b.data = 0.5, -0.25, 0.1
a = neuron([1.0, 2.0])
assert abs(a.data - 0.09966799462495582) < 1e-12, f"tanh(0.5 - 0.5 + 0.1) is 0.0997, not {a.data}"
a.backward()
slopes = [p.grad for p in neuron.parameters()]
wants = [0.9900662908474398, 1.9801325816948796, 0.9900662908474398]
assert all(abs(slope - want) < 1e-12 for slope, want in zip(slopes, wants)), (
    f"the gradient is (1 - a * a) times x, and times 1 for the bias; not {slopes}"
)
### BEGIN HIDDEN TESTS
wide = Neuron(5, Random(1))
assert len(wide.parameters()) == 6, "5 weights and a bias are 6 parameters"
assert len({w.data for w in wide.w}) == 5, "each weight begins with a number of its own"
x = Value(2.0)
neuron([x, x]).backward()
assert x.grad != 0, "an input may be a Value, and then has a gradient too"
### END HIDDEN TESTS

# %% test layer, core, 2 points
layer = Layer(2, 3, Random(0))
assert len(layer.neurons) == 3, f"a layer with 3 outputs has 3 neurons, not {len(layer.neurons)}"
assert len(layer.parameters()) == 9, (
    f"3 neurons with 2 inputs have 9 parameters, not {len(layer.parameters())}"
)
outputs = layer([1.0, -1.0])
wants = [neuron([1.0, -1.0]).data for neuron in layer.neurons]
assert [a.data for a in outputs] == wants, "the outputs are those of the neurons, in order"
### BEGIN HIDDEN TESTS
assert len(set(wants)) == 3, "the neurons begin with weights of their own, so their outputs differ"
assert layer.parameters()[:3] == layer.neurons[0].parameters(), (
    "the first neuron's parameters are first"
)
### END HIDDEN TESTS

# %% test MLP, core, 2 points
mlp = MLP(2, [4, 1], Random(0))
assert [len(layer.neurons) for layer in mlp.layers] == [4, 1], "the layers have 4 neurons and 1"
assert len(mlp.parameters()) == 17, f"4 * 3 + 1 * 5 = 17 parameters, not {len(mlp.parameters())}"
(output,) = mlp([0.5, -1.0])
(want,) = mlp.layers[1](mlp.layers[0]([0.5, -1.0]))
assert output.data == want.data, "the second layer gets what the first one gives"
### BEGIN HIDDEN TESTS
output.backward()
assert all(p.grad != 0 for p in mlp.parameters()), "the output depends on each parameter"
assert len(MLP(3, [2, 2, 2], Random(0))([1, 2, 3])) == 2, "three layers work as well"
### END HIDDEN TESTS

# %% [markdown]
# ## A loss
#
# **Task squared error.** `squared_error(outputs, targets)` is the mean of the squared differences:
# $\frac1n \sum (a_i - y_i)^2$. Its result is a `Value`; the targets are plain numbers.


# %%
def squared_error(outputs, targets):
    """Give the mean of the squared differences."""
    ### BEGIN SOLUTION squared error
    total = Value(0.0)
    for output, target in zip(outputs, targets):
        total = total + (output - target) ** 2
    return total / len(targets)
    ### END SOLUTION


# %% test squared error, core, 2 points
a, b = Value(2.0), Value(-1.0)
loss = squared_error([a, b], [1.0, 1.0])
assert loss.data == 2.5, f"(1 * 1 + 2 * 2) / 2 is 2.5, not {loss.data}: is it the mean, of squares?"
loss.backward()
assert (a.grad, b.grad) == (1, -2), (
    f"the gradient is 2 (a - y) / n: 1 and -2, not {(a.grad, b.grad)}"
)
### BEGIN HIDDEN TESTS
assert squared_error([Value(3.0)], [3.0]).data == 0, (
    "where output and target are the same, nothing is wrong"
)
assert squared_error([Value(0.0)] * 4, [1.0] * 4).data == 1, (
    "the mean does not grow with the number of samples"
)
### END HIDDEN TESTS

# %% [markdown]
# ## Further: yes or no, and small weights
#
# To tell two classes apart, the last neuron gives a **score** $z$, any number. The probability of class 1 is then
# $p = \dfrac{1}{1 + e^{-z}}$, and the usual loss is **cross-entropy**: with $y$ = 1 or 0,
#
# $$L = -[\,y \log p + (1 - y) \log(1 - p)\,].$$
#
# **Task cross entropy.** `cross_entropy(z, y)` gives $L$ for a `Value` $z$ and a label `y`.
#
# **Task penalty.** Large weights bend a network more than the data ask for. `penalty(parameters, strength)` is
# `strength` times the sum of their squares; it is added to the loss (this is called L2 regularisation).


# %%
def cross_entropy(z, y):
    """Give the loss of a score for a label, 1 or 0."""
    ### BEGIN SOLUTION cross entropy
    p = 1 / (1 + (-z).exp())
    return -p.log() if y == 1 else -(1 - p).log()
    ### END SOLUTION


def penalty(parameters, strength):
    """Give strength times the sum of the squares."""
    ### BEGIN SOLUTION penalty
    total = Value(0.0)
    for parameter in parameters:
        total = total + parameter**2
    return total * strength
    ### END SOLUTION


# %% test cross entropy, further, 2 points
for y, want, slope in [
    (1, 0.20141327798275246, -0.18242552380635635),
    (0, 1.7014132779827524, 0.8175744761936437),
]:
    z = Value(1.5)
    loss = cross_entropy(z, y)
    assert abs(loss.data - want) < 1e-12, (
        f"for z = 1.5 and y = {y} the loss is {want:.4f}, not {loss.data}"
    )
    loss.backward()
    assert abs(z.grad - slope) < 1e-12, f"its derivative by z is p - y = {slope:.4f}, not {z.grad}"
### BEGIN HIDDEN TESTS
assert abs(cross_entropy(Value(0.0), 1).data - 0.6931471805599453) < 1e-12, "at z = 0 it is log 2"
assert cross_entropy(Value(4.0), 1).data < 0.02, (
    "a high score for class 1 is right, and costs little"
)
### END HIDDEN TESTS

# %% test penalty, further, 2 points
weights = [Value(3.0), Value(-1.0)]
loss = penalty(weights, 0.1)
assert abs(loss.data - 1.0) < 1e-12, f"0.1 * (9 + 1) is 1, not {loss.data}"
loss.backward()
assert abs(weights[0].grad - 0.6) < 1e-12, (
    f"its derivative by w is 2 * 0.1 * w = 0.6, not {weights[0].grad}"
)
### BEGIN HIDDEN TESTS
assert abs(weights[1].grad + 0.2) < 1e-12, f"for w = -1 it is -0.2, not {weights[1].grad}"
assert penalty(weights, 0.0).data == 0, "with strength 0 nothing is added"
### END HIDDEN TESTS

# %% [markdown]
# ## Challenge: any score
#
# The formula of cross-entropy is right, and useless for large scores: at $z = 1000$ the probability rounds
# to 1, and the logarithm of 0 is not defined; at $z = -1000$ already $e^{-z}$ is too large for a computer.
#
# **Task stable cross entropy.** `stable_cross_entropy(z, y)` is the same function, and right for any $z$. Use
# $-\log p = \log(1 + e^{-z})$ where $z$ is positive. What is the same loss, written with $e^{z}$, where it
# is not?


# %%
def stable_cross_entropy(z, y):
    """Give the loss of any score, however large."""
    ### BEGIN SOLUTION stable cross entropy
    if z.data > 0:
        return (1 + (-z).exp()).log() + (1 - y) * z
    return (1 + z.exp()).log() - y * z
    ### END SOLUTION


# %% test stable cross entropy, challenge, 3 points
for start, y, want, slope in [
    (1.5, 1, 0.20141327798275246, -0.18242552380635635),
    (-1.5, 1, 1.7014132779827524, -0.8175744761936437),
    (1000.0, 0, 1000.0, 1.0),
    (-1000.0, 1, 1000.0, -1.0),
    (-1000.0, 0, 0.0, 0.0),
]:
    z = Value(start)
    loss = stable_cross_entropy(z, y)
    assert abs(loss.data - want) < 1e-9, (
        f"for z = {start} and y = {y} the loss is {want:.4f}, not {loss.data}"
    )
    loss.backward()
    assert abs(z.grad - slope) < 1e-9, (
        f"for z = {start} and y = {y} the slope is {slope:.4f}, not {z.grad}"
    )
### BEGIN HIDDEN TESTS
for start, y, slope in [(0.0, 1, -0.5), (0.0, 0, 0.5), (1000.0, 1, 0.0), (-40.0, 0, 0.0)]:
    z = Value(start)
    stable_cross_entropy(z, y).backward()
    assert abs(z.grad - slope) < 1e-9, (
        f"for z = {start} and y = {y} the slope is {slope}, not {z.grad}"
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Where this goes
#
# The network has parameters, outputs and a loss, and the engine knows the derivative of the loss by every
# parameter. Sheet 4 uses it: it trains.

# %% [markdown] teacher
# ## What it is about
#
# A network is a formula with many letters, and its classes are only a way to write it down. What is worth
# saying aloud: nobody writes a derivative on this sheet. Ask for the number of parameters of `MLP(2, [4, 1])`
# before they run the test.
#
# Who did not finish sheet 2 uses the engine of `tinygrad_nn`, as the first cell does; nobody is left behind. Who
# did is proud to put in their own.
#
# ## What goes wrong, and how to help
#
# | what you see | ask |
# |---|---|
# | all neurons of a layer give the same | Who made their weights, and with which random numbers? |
# | weights are plain numbers | What will `parameters()` be asked for on sheet 4? |
# | `sum(...)` raises TypeError with an own engine | `sum` begins with the plain number 0: what is `0 + x`? |
# | `parameters()` is a list of lists | How many numbers are in it? |
# | a sum in place of the mean | What happens to the loss with twice as many samples? |
# | the challenge is right but at z = 0 | Made with `relu` or `abs`, it has a corner there, and a slope of 0 or 1 for one of 0.5. Two formulas and an `if` have none. |
#
# The challenge is what every library does inside its loss "with logits". `if z.data > 0` looks at a number and
# chooses a formula; both formulas are the same function, so the graph is right in either case.
