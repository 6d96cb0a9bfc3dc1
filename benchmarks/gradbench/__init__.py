"""Ten scalar programs, of the kind that GradBench collects, beside C written by hand.

`functions` has them in plain loops, `cases` the numbers; `c` has the derivatives by hand, and
`native` compiles them; `with_jax` and `with_torch` have them on arrays; `race` measures.
"""
