"""Functions that look at numbers, beside eager code, JAX, and what was written before in their place.

`functions` has them as anybody writes them, `with_jax` as JAX wants them; `races` measures.
"""
