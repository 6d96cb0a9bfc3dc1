# %% [markdown]
# # Sheet 1. Value and graph
#
# Four sheets build an autograd engine: a program that differentiates what you compute. This is the
# first. You write a class of numbers that remember how they were made.
#
# | part | time | points |
# |---|---|---|
# | core | 45 minutes | 8 |
# | further | 25 minutes | 4 |
# | challenge | 30 minutes | 3 |
#
# The core is enough to go on with sheet 2. You need Python with classes, and school algebra. Write where it
# says `YOUR CODE HERE`, and take the line that raises an error away. The cells with `assert` are the tests:
# change nothing in them. Read what a failed one says; it names a number that is not right.

# %% [markdown]
# ## A number that remembers
#
# A `Value` has three attributes:
#
# - `data`, the number;
# - `args`, the operands it was made from, as a tuple; it is empty if you made the number yourself, and
#   such a number is called a **leaf**;
# - `op`, the sign of the operation that made it, as text; it is `""` for a leaf.
#
# **Task addition.** `x + y` gives a new `Value`. Its `data` is the sum, its `args` are `(x, y)`, its `op`
# is `"+"`. Neither `x` nor `y` changes.
#
# **Task multiplication.** The same for `x * y`, with `op` `"*"`.
#
# **Task plain numbers.** `x + 3`, `3 + x`, `x * 3` and `3 * x` work as well: a plain number becomes a
# `Value` first. Python calls `x.__radd__(3)` for `3 + x`, and `x.__rmul__(3)` for `3 * x`. Use `as_value`
# in your two operations, and write the two reflected ones.

# %%
def as_value(x):
    """Give x as it is if it is a Value, and a leaf of it if it is a plain number."""
    return x if isinstance(x, Value) else Value(x)


class Value:
    """A number that remembers how it was made."""

    def __init__(self, data, args=(), op=""):
        self.data = float(data)
        self.args = tuple(args)
        self.op = op

    def __repr__(self):
        return f"Value({self.data:g})"

    def __add__(self, other):
        ### BEGIN SOLUTION addition
        other = as_value(other)
        return Value(self.data + other.data, (self, other), "+")
        ### END SOLUTION

    def __mul__(self, other):
        ### BEGIN SOLUTION multiplication
        other = as_value(other)
        return Value(self.data * other.data, (self, other), "*")
        ### END SOLUTION

    def __radd__(self, other):  # other + self
        ### BEGIN SOLUTION plain numbers
        return as_value(other) + self
        ### END SOLUTION

    def __rmul__(self, other):  # other * self
        ### BEGIN SOLUTION plain numbers
        return as_value(other) * self
        ### END SOLUTION

    # The methods below are further tasks: leave them for later.

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
        return Value(self.data**exponent, (self,), f"**{exponent}")
        ### END SOLUTION

    def __truediv__(self, other):  # self / other
        ### BEGIN SOLUTION other operations
        return self * as_value(other) ** -1
        ### END SOLUTION

    def __rtruediv__(self, other):  # other / self
        ### BEGIN SOLUTION other operations
        return as_value(other) / self
        ### END SOLUTION


# %% test addition, core, 2 points
x, y = Value(2), Value(-5)
total = x + y
assert isinstance(total, Value), f"x + y must be a Value, and is {total!r}"
assert total.data == -3, f"2 + (-5) is -3, not {total.data}"
assert len(total.args) == 2, f"a sum has two operands, not {len(total.args)}"
assert total.args[0] is x, "the first operand must be x itself: no copy, and not its number"
assert total.args[1] is y, "the second operand must be y itself: no copy, and not its number"
assert total.op == "+", f"the operation of a sum is '+', not {total.op!r}"
assert (x.data, y.data) == (2, -5), "x + y must leave x and y as they are"
### BEGIN HIDDEN TESTS
twice = total + total
assert twice.data == -6, f"-3 + (-3) is -6, not {twice.data}"
assert twice.args[0] is twice.args[1] is total, "both operands of a + a are a"
### END HIDDEN TESTS

# %% test multiplication, core, 2 points
x, y = Value(2), Value(-5)
product = x * y
assert isinstance(product, Value), f"x * y must be a Value, and is {product!r}"
assert product.data == -10, f"2 * (-5) is -10, not {product.data}"
assert [arg is want for arg, want in zip(product.args, (x, y))] == [True, True], (
    "the operands of x * y are x and y themselves, in this order"
)
assert product.op == "*", f"the operation of a product is '*', not {product.op!r}"
### BEGIN HIDDEN TESTS
assert (product * product).data == 100, f"(-10) * (-10) is 100, not {(product * product).data}"
assert (x.data, y.data) == (2, -5), "x * y must leave x and y as they are"
### END HIDDEN TESTS

# %% test plain numbers, core, 2 points
x = Value(2)
for text, result, want in [
    ("x + 3", x + 3, 5),
    ("3 + x", 3 + x, 5),
    ("x * 3", x * 3, 6),
    ("3 * x", 3 * x, 6),
]:
    assert isinstance(result, Value), f"{text} must be a Value, and is {result!r}"
    assert result.data == want, f"{text} is {want} for x = 2, not {result.data}"
    assert all(isinstance(arg, Value) for arg in result.args), (
        f"in {text} the 3 must be a Value too"
    )
    assert x in result.args, f"{text} must remember x itself"
### BEGIN HIDDEN TESTS
assert (x + 0.5).data == 2.5, f"x + 0.5 is 2.5 for x = 2, not {(x + 0.5).data}"
### END HIDDEN TESTS

# %% [markdown]
# ## The graph
#
# A result knows its operands, and they know theirs. All of them together are a **graph**. In
# `y = x * x + x` the leaf `x` is **one** node, though it is used three times.
#
# **Task nodes.** `nodes(root)` gives a list of all numbers that `root` was made from, `root` included,
# **each once**, in any order. A set of those you have seen already keeps you from going the same way again.


# %%
def nodes(root):
    """List root and all that it was made from, each once."""
    ### BEGIN SOLUTION nodes
    found, waiting = set(), [root]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(node.args)
    return list(found)
    ### END SOLUTION


# %% test nodes, core, 2 points
x = Value(3)
square = x * x
y = square + x
found = nodes(y)
assert len(found) == 3, (
    f"y = x * x + x is made of 3 numbers, x, x * x and y; {len(found)} were found"
)
assert {id(node) for node in found} == {id(x), id(square), id(y)}, (
    "they are x, x * x and y themselves"
)
assert nodes(x) == [x], "a leaf is made of itself alone"
### BEGIN HIDDEN TESTS
node = x
for _ in range(60):
    node = node + node  # 2**60 ways lead down to x: who goes each of them does not come back
assert len(nodes(node)) == 61, "each number is visited once, by however many ways it can be reached"
two, other = Value(2), Value(2)
assert len(nodes(two + other)) == 3, "equal numbers are not the same number"
### END HIDDEN TESTS

# %% [markdown]
# ## Further: more operations, and the formula
#
# **Task other operations.** Complete the other methods of your class: `-x`, `x - y`, `3 - x`, `x ** n`
# with a plain number `n`, `x / y` and `3 / x`. Only `x ** n` must be an operation of its own, with one
# operand; the others can be made of what you have. Their graphs may look as you like, their numbers not.

# %% test other operations, further, 2 points
x, y = Value(2), Value(-5)
for text, result, want in [
    ("-x", -x, -2),
    ("x - y", x - y, 7),
    ("3 - x", 3 - x, 1),
    ("x - 3", x - 3, -1),
    ("x ** 3", x**3, 8),
    ("y / x", y / x, -2.5),
    ("3 / x", 3 / x, 1.5),
    ("x / 4", x / 4, 0.5),
]:
    assert isinstance(result, Value), f"{text} must be a Value, and is {result!r}"
    assert result.data == want, f"{text} is {want} for x = 2 and y = -5, not {result.data}"
assert (x**3).args == (x,), "a power has one operand: the exponent is a plain number"
### BEGIN HIDDEN TESTS
assert (x**-2).data == 0.25, f"2 ** -2 is 0.25, not {(x**-2).data}"
assert x in nodes(3 - x), "3 - x must remember x"
assert x in nodes(3 / x), "3 / x must remember x"
### END HIDDEN TESTS

# %% [markdown]
# **Task formula.** `formula(root, names)` writes the graph as text, with all parentheses: `((x * x) + y)`. The
# dictionary `names` has the names of leaves; a leaf without a name is written as its number, by
# `f"{leaf.data:g}"`. You need it for `+` and `*` only.


# %%
def formula(root, names):
    """Write the graph of root as text."""
    ### BEGIN SOLUTION formula
    if not root.args:
        return names.get(root, f"{root.data:g}")
    left, right = (formula(arg, names) for arg in root.args)
    return f"({left} {root.op} {right})"
    ### END SOLUTION


# %% test formula, further, 2 points
x, y = Value(2), Value(-5)
names = {x: "x", y: "y"}
for want, root in [("x", x), ("(x + y)", x + y), ("((x * x) + y)", x * x + y)]:
    assert formula(root, names) == want, f"{want} was written as {formula(root, names)}"
assert formula(x * Value(3), names) == "(x * 3)", "a leaf without a name is written as its number"
### BEGIN HIDDEN TESTS
assert formula((x + y) * (y + x), names) == "((x + y) * (y + x))", "the order of operands is kept"
assert formula(Value(0.5) * y, {}) == "(0.5 * -5)", "without names, numbers are written"
### END HIDDEN TESTS

# %% [markdown]
# ## Challenge: compute it again
#
# A graph is a record: if `x.data` is changed afterwards, `y.data` stays. But everything that is needed to
# compute `y` anew is there.
#
# **Task again.** `again(root, numbers)` gives the plain number that `root` would be if the leaves in the
# dictionary `numbers` had these numbers; other leaves keep theirs. Nothing in the graph changes. It is
# enough for `+` and `*`. Each node may be computed once only: the test has a graph with a million million
# ways through it.


# %%
def again(root, numbers):
    """Compute root again, with other numbers for some leaves."""
    ### BEGIN SOLUTION again
    known = dict(numbers)

    def compute(node):
        if node not in known:
            if not node.args:
                known[node] = node.data
            else:
                left, right = (compute(arg) for arg in node.args)
                known[node] = left + right if node.op == "+" else left * right
        return known[node]

    return compute(root)
    ### END SOLUTION


# %% test again, challenge, 3 points
x, y = Value(2), Value(-5)
root = x * x + y
assert again(root, {}) == -1, f"with no other numbers it is -1, as it was, not {again(root, {})}"
assert again(root, {x: 3}) == 4, f"3 * 3 + (-5) is 4, not {again(root, {x: 3})}"
assert again(root, {x: 3, y: 1}) == 10, f"3 * 3 + 1 is 10, not {again(root, {x: 3, y: 1})}"
assert (root.data, x.data, y.data) == (-1, 2, -5), "the graph stays as it is"
### BEGIN HIDDEN TESTS
node = x
for _ in range(40):
    node = node + node
assert again(node, {x: 1}) == 2**40, "each node is computed once"
assert again(x, {x: 7}) == 7, "a leaf is a graph too"
### END HIDDEN TESTS

# %% [markdown]
# ## Where this goes
#
# Your numbers know how they were made. In sheet 2 they also learn how much a result changes when one of
# them changes a little: the gradient. Keep your class: you will go on with it.

# %% [markdown] teacher
# ## What it is about
#
# A number that knows its operands makes a graph, and everything else is read off this graph. The step that
# is hard for many is not the code: it is that the graph is made **while** the arithmetic runs, and that one
# number used three times is one node. Draw `x * x + x` on the board before they begin.
#
# ## What goes wrong, and how to help
#
# | what you see | ask |
# |---|---|
# | `args` has numbers, as `(2.0, -5.0)` | Who made 2.0? Can a plain number say? |
# | `self.data += other.data` | What is x after x + y, and what should it be? |
# | `3 + x` raises TypeError, or never ends | What does Python try first, and what then? In `__radd__`, which is on the left? |
# | `nodes` gives x three times | How many boxes has your drawing? |
# | `nodes` never comes back | How many ways lead down in the last test? What have you seen already? |
# | a list in place of a set | It works, and gets slow: try it with 10,000 nodes. |
#
# `Value` keeps Python's hash, by identity, as it has no `__eq__`. Who writes one finds that sets and
# dictionaries of nodes no longer work: equal numbers are not the same number. It is worth two minutes for all.
#
# Who has done the core may go on with sheet 2. The challenge is the forward pass of an engine that runs a
# recorded graph; with a dictionary of computed nodes it is ten lines, without one it never ends.
