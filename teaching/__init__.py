"""Sheets on which a class builds an autograd engine, and what makes notebooks and tests of them."""
