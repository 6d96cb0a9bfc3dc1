# %% [markdown]
# # Sheet 2. Order and backward
#
# The numbers of sheet 1 know how they were made. On this sheet they get their **gradients**: how much does
# the result change if one of them changes a little? One walk back through the graph answers this for
# all numbers at once.
#
# | part | time | points |
# |---|---|---|
# | core | 60 minutes | 8 |
# | further | 30 minutes | 4 |
# | challenge | 30 minutes | 3 |
#
# The core is enough to go on with sheet 3. You need your class of sheet 1, and the derivatives of a sum
# and of a product. With `tinygrad_nn` installed, this tells you in a sentence what is wrong with your
# engine, and where; what is not there yet does not matter:
#
# ```python
# from tinygrad_nn import grade
# print(grade(Value, deep=0))
# ```

# %% [markdown]
# ## Local derivatives
#
# Take `s = a + b` and `y = s * b` with $a = 2$ and $b = 3$. Each operation by itself is easy to
# differentiate. How much the result of **one** operation changes with one of its operands is called a
# **local derivative**:
#
# $$\frac{\partial s}{\partial a} = 1, \quad \frac{\partial s}{\partial b} = 1, \qquad
# \frac{\partial y}{\partial s} = b = 3, \quad \frac{\partial y}{\partial b} = s = 5.$$
#
# They are known as soon as the operation is computed. So a `Value` notes them at once, as plain numbers in
# the tuple `slopes`: one for each operand, in the same order as `args`. A leaf has none.
#
# **Task slopes.** Take `x + y` and `x * y` over from sheet 1, and give each result its `slopes`.
#
# ## Backward
#
# `grad` holds the derivative of the result by this number. `backward` finds it for all numbers:
#
# 1. The result has `grad` 1: it changes as much as itself.
# 2. Go through the nodes from the result to the leaves.
# 3. At each node, every operand gets its share **added**: the node's `grad`, times the local derivative.
#
# By hand, for $y = (a + b)\, b$:
#
# | turn | node | its grad | gives |
# |---|---|---|---|
# | 1 | `y = s * b` | 1 | `s` gets 1 · 3, `b` gets 1 · 5 |
# | 2 | `s = a + b` | 3 | `a` gets 3 · 1, `b` gets 3 · 1, and has 8 now |
#
# When a node gives, its own `grad` must be complete: all that use it have had their turn. So the order
# matters.
#
# **Task order.** `order(root)` lists `root` and all that it was made from, each once, **every number after its
# operands**: first go to the operands, then list the number itself. Such an order is called topological.
#
# **Task backward.** `y.backward()` goes through `order(y)` in reverse, as above. `grad` is 0 when a number
# is made; what `backward` brings is added to what is there.

# %%
from math import exp, log, tanh


def as_value(x):
    """Give x as it is if it is a Value, and a leaf of it if it is a plain number."""
    return x if isinstance(x, Value) else Value(x)


def order(root):
    """List root and all that it was made from, each once, every number after its operands."""
    ### BEGIN SOLUTION order
    found, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for operand in node.args:
                visit(operand)
            found.append(node)

    visit(root)
    return found
    ### END SOLUTION


class Value:
    """A number that remembers how it was made, and gets a gradient."""

    def __init__(self, data, args=(), slopes=()):
        self.data = float(data)
        self.args = tuple(args)
        self.slopes = tuple(slopes)
        self.grad = 0.0

    def __repr__(self):
        return f"Value({self.data:g}, grad {self.grad:g})"

    def __add__(self, other):
        ### BEGIN SOLUTION slopes
        other = as_value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))
        ### END SOLUTION

    def __mul__(self, other):
        ### BEGIN SOLUTION slopes
        other = as_value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))
        ### END SOLUTION

    def backward(self):
        """Add to the grad of every number that this one was made from."""
        ### BEGIN SOLUTION backward
        self.grad = 1.0
        for node in reversed(order(self)):
            for operand, slope in zip(node.args, node.slopes):
                operand.grad += node.grad * slope
        ### END SOLUTION

    # The methods below are further tasks: leave them for later.

    def __radd__(self, other):  # other + self
        ### BEGIN SOLUTION other operations
        return self + other
        ### END SOLUTION

    def __rmul__(self, other):  # other * self
        ### BEGIN SOLUTION other operations
        return self * other
        ### END SOLUTION

    def __neg__(self):  # -self
        ### BEGIN SOLUTION other operations
        return self * -1
        ### END SOLUTION

    def __sub__(self, other):  # self - other
        ### BEGIN SOLUTION other operations
        return self + -as_value(other)
        ### END SOLUTION

    def __rsub__(self, other):  # other - self
        ### BEGIN SOLUTION other operations
        return as_value(other) - self
        ### END SOLUTION

    def __pow__(self, exponent):  # self ** exponent, the exponent a plain number
        ### BEGIN SOLUTION other operations
        slope = exponent * self.data ** (exponent - 1)
        return Value(self.data**exponent, (self,), (slope,))
        ### END SOLUTION

    def __truediv__(self, other):  # self / other
        ### BEGIN SOLUTION other operations
        return self * as_value(other) ** -1
        ### END SOLUTION

    def __rtruediv__(self, other):  # other / self
        ### BEGIN SOLUTION other operations
        return as_value(other) / self
        ### END SOLUTION

    def tanh(self):
        """Give the hyperbolic tangent."""
        ### BEGIN SOLUTION functions
        t = tanh(self.data)
        return Value(t, (self,), (1 - t * t,))
        ### END SOLUTION

    def relu(self):
        """Give the number itself where it is positive, and 0 elsewhere."""
        ### BEGIN SOLUTION functions
        return Value(max(0.0, self.data), (self,), (float(self.data > 0),))
        ### END SOLUTION

    def exp(self):
        """Give e to the power of the number."""
        ### BEGIN SOLUTION functions
        e = exp(self.data)
        return Value(e, (self,), (e,))
        ### END SOLUTION

    def log(self):
        """Give the natural logarithm."""
        ### BEGIN SOLUTION functions
        return Value(log(self.data), (self,), (1 / self.data,))
        ### END SOLUTION


# %% test slopes, core, 2 points
a, b = Value(2), Value(3)
s = a + b
y = s * b
assert (s.data, y.data) == (5, 15), (
    f"(2 + 3) and (2 + 3) * 3 are 5 and 15, not {s.data} and {y.data}"
)
assert s.args == (a, b), "the operands of a + b are a and b"
assert y.args == (s, b), "the operands of s * b are s and b"
assert s.slopes == (1, 1), f"a sum changes by 1 with each operand, not by {s.slopes}"
assert y.slopes == (3, 5), f"s * b changes by b = 3 with s, and by s = 5 with b, not by {y.slopes}"
assert a.slopes == (), "a leaf has no operands, and so no slopes"
### BEGIN HIDDEN TESTS
assert (b * b).slopes == (3, 3), (
    f"both slopes of b * b are 3: it changes by b with each, not {(b * b).slopes}"
)
### END HIDDEN TESTS

# %% test order, core, 2 points
a, b = Value(2), Value(3)
s = a + b
y = s * b
found = order(y)
assert len(found) == 4, (
    f"y was made from a, b, s and itself: 4 numbers, each once, not {len(found)}"
)
assert found.index(s) < found.index(y), "y is made from s, so s comes first"
assert found.index(a) < found.index(s), "s is made from a, so a comes first"
assert found.index(b) < found.index(s), "s is made from b, so b comes first"
### BEGIN HIDDEN TESTS
top = y + a
for node in [s, y, top, y * top, top * top]:
    top = top + node
for root in [a, s, top]:
    found = order(root)
    places = {node: place for place, node in enumerate(found)}
    assert len(places) == len(found), "each number is listed once"
    for node in found:
        for operand in node.args:
            assert places[operand] < places[node], (
                f"{operand!r} must come before {node!r}, made from it"
            )
assert len(order(top)) == 12, f"12 numbers make this graph, not {len(order(top))}"
### END HIDDEN TESTS

# %% test backward, core, 4 points
a, b = Value(2), Value(3)
s = a + b
y = s * b
y.backward()
assert y.grad == 1, f"y changes as much as itself: its grad is 1, not {y.grad}"
assert s.grad == 3, f"y = s * 3 changes by 3 with s, not by {s.grad}"
assert a.grad == 3, f"the grad of a is 3, not {a.grad}"
assert b.grad == 8, f"b is used twice, 5 + 3 = 8 in all; its grad is {b.grad}"
x = Value(4)
(x + x).backward()
assert x.grad == 2, f"x + x changes by 2 with x, not by {x.grad}"
### BEGIN HIDDEN TESTS
from random import Random

from tinygrad_nn import Value as Right
from tinygrad_nn import grade

rng = Random(1)
for _ in range(20):
    ours, theirs = [[kind(n) for n in (1.5, -0.5, 2.0)] for kind in (Right, Value)]
    for _ in range(7):
        i, j, times = rng.randrange(len(ours)), rng.randrange(len(ours)), rng.random() < 0.5
        for numbers in (ours, theirs):
            one, other = numbers[i], numbers[j]
            numbers.append(one * other if times else one + other)
    for numbers in (ours, theirs):
        numbers[-1].backward()
    for right, found in zip(ours[:3], theirs[:3]):
        assert abs(right.grad - found.grad) < 1e-9, f"{grade(Value, deep=0)}"
x = node = Value(1)
for _ in range(60):
    node = node + node
node.backward()
assert x.grad == 2**60, f"2**60 ways lead to x, and each node is treated once; its grad is {x.grad}"
### END HIDDEN TESTS

# %% [markdown]
# ## Further: more operations
#
# **Task other operations.** Complete `3 + x`, `3 * x`, `-x`, `x - y`, `3 - x`, `x ** n` with a plain number
# `n`, `x / y` and `3 / x`. Made of operations that you have, they are differentiated already. `x ** n` needs
# a slope of its own.
#
# **Task functions.** Complete `x.tanh()`, `x.relu()`, `x.exp()` and `x.log()`. Their slopes are
# $1 - \tanh^2 x$; 1 where $x > 0$, and 0 elsewhere; $e^x$; $1 / x$.

# %% test other operations, further, 2 points
x, y = Value(2), Value(-4)
for text, result, want, by_x in [
    ("3 + x", 3 + x, 5, 1),
    ("3 * x", 3 * x, 6, 3),
    ("-x", -x, -2, -1),
    ("x - y", x - y, 6, 1),
    ("y - x", y - x, -6, -1),
    ("3 - x", 3 - x, 1, -1),
    ("x ** 3", x**3, 8, 12),
    ("x / y", x / y, -0.5, -0.25),
    ("y / x", y / x, -2, 1),
    ("3 / x", 3 / x, 1.5, -0.75),
]:
    assert result.data == want, f"{text} is {want} for x = 2 and y = -4, not {result.data}"
    x.grad = y.grad = 0.0
    result.backward()
    assert x.grad == by_x, f"{text} changes by {by_x} with x, for x = 2 and y = -4, not by {x.grad}"
### BEGIN HIDDEN TESTS
x.grad = 0.0
(x**-2).backward()
assert x.grad == -0.25, f"x ** -2 changes by -2 x ** -3 = -0.25, not by {x.grad}"
y.grad = 0.0
(x / y).backward()
assert y.grad == -0.125, f"x / y changes by -x / y ** 2 = -0.125 with y, not by {y.grad}"
### END HIDDEN TESTS

# %% test functions, further, 2 points
for text, start, want, slope in [
    ("tanh", 0.5, 0.46211715726000975, 0.7864477329659274),
    ("relu", 0.5, 0.5, 1),
    ("relu", -0.5, 0, 0),
    ("exp", 0.5, 1.6487212707001282, 1.6487212707001282),
    ("log", 0.5, -0.6931471805599453, 2),
]:
    x = Value(start)
    result = getattr(x, text)()
    assert abs(result.data - want) < 1e-12, f"{text} of {start} is {want}, not {result.data}"
    result.backward()
    assert abs(x.grad - slope) < 1e-12, f"the slope of {text} at {start} is {slope}, not {x.grad}"
### BEGIN HIDDEN TESTS
x = Value(0.5)
(x.tanh() * x.exp() + x.log() * x.relu()).backward()
assert abs(x.grad - 2.365388311805) < 1e-9, f"in a longer formula the grad of x is {x.grad}"
### END HIDDEN TESTS

# %% [markdown]
# ## Challenge: deep graphs
#
# A sum of 20,000 terms is a graph that is 20,000 operations deep. A function that calls itself once for each
# is stopped by Python: `RecursionError`.
#
# **Task long order.** `long_order(root)` gives an order as `order` does, without calling itself. Keep a list of
# what is still to be done. Each node comes up twice: first its operands are put on the list, and when
# they are done it is listed itself. Then let `backward` use it, and see what `grade(Value)` says.


# %%
def long_order(root):
    """List what order lists, for graphs of any depth."""
    ### BEGIN SOLUTION long order
    found, seen, waiting = [], set(), [(root, False)]
    while waiting:
        node, operands_done = waiting.pop()
        if operands_done:
            found.append(node)
        elif node not in seen:
            seen.add(node)
            waiting.append((node, True))
            waiting.extend((operand, False) for operand in node.args)
    return found
    ### END SOLUTION


# %% test long order, challenge, 3 points
x = Value(2)
total = x
for _ in range(20_000):
    total = total + x
found = long_order(total)
assert len(found) == 20_001, f"the graph has 20,001 numbers, not {len(found)}"
places = {node: place for place, node in enumerate(found)}
assert all(places[arg] < places[node] for node in found for arg in node.args), (
    "a number stands before one of its operands"
)
### BEGIN HIDDEN TESTS
a, b = Value(2), Value(3)
s = a + b
y = s * b
top = (y * s + a) * y
found = long_order(top)
places = {node: place for place, node in enumerate(found)}
assert len(places) == len(found) == 7, f"7 numbers make this graph, each once, not {len(found)}"
assert all(places[arg] < places[node] for node in found for arg in node.args), (
    "a number stands before one of its operands, in a graph where numbers are used again"
)
### END HIDDEN TESTS

# %% [markdown]
# ## Where this goes
#
# You have an autograd engine. Sheet 3 makes a neural network of its numbers, and sheet 4 trains it.

# %% [markdown] teacher
# ## What it is about
#
# Local derivatives are known where an operation is computed; the chain rule multiplies them along a path and
# adds up over paths; an order in which every number comes after its operands makes one visit to each node enough.
# Let the class do $y = (a + b)\,b$ by hand, on paper, before they write a line.
#
# Sheet 1's class is not given here, so that both sheets may be handed out together. Who has not finished
# it gets two lines from you: `as_value(other)`, and a `Value` of the sum.
#
# ## What goes wrong, and how to help
#
# | what you see | ask |
# |---|---|
# | `b.grad` is 3 or 5 in place of 8 | Two ways lead to b. What does the second do to what the first has brought? |
# | `x + x` gives 1 | The same; or: is x visited twice, or given to twice? |
# | the slopes of a product are the wrong way round | If s grows by 1, by how much does s * b grow? |
# | grads are right for small graphs, wrong for large ones | When s gives, has everybody who uses s given to it? Compare your order with your drawing. |
# | `RecursionError` in the challenge | How many calls are open when the deepest node is reached? |
# | grads double when a cell is run again | What is in `grad` before `backward` starts? (Sheet 4 comes back to it.) |
#
# `grade(Value, deep=0)` names these mistakes in a sentence, shows the smallest graph in which they
# show, and has hints in three steps: `grade(Value).hints(1)` says where to look. Encourage its use; it
# never tells the solution.
#
# Many engines keep a function in each node in place of slopes. That is as good; the tests of this sheet
# look at `slopes` in the first task only.
