"""Functions that look at numbers: a program for each way through, and the questions between them."""
