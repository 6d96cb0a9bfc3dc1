"""Calling a function with symbols, and writing down what it computes."""
