"""Data sets, and what is done to them before training.

Lists and arrays go in; lists of Python numbers come out, which is what
arithmetic on Values wants, so that nothing here needs NumPy. Whatever cannot
be learnt from (a nan, a ragged row, a label that is text) is refused at once,
by name and place.

Examples
--------
>>> from tinygrad_nn.data import Standardizer, batches, load, train_test_split
>>> train, test = train_test_split(load("iris"), seed=0)
>>> train, test
(Dataset('iris (train)': 112 samples, 4 features, 3 classes), Dataset('iris (test)': 38 samples, 4 features, 3 classes))
>>> scaler = Standardizer().fit(train.X)
>>> sum(len(y) for X, y in batches(scaler.transform(train.X), train.y, 50, seed=0))
112
"""

from .columns import Columns as Columns
from .dataset import Dataset as Dataset
from .preparation import batches as batches
from .preparation import one_hot as one_hot
from .preparation import train_test_split as train_test_split
from .scaling import Standardizer as Standardizer
from .sources import load as load
from .sources import moons as moons
from .sources import xor as xor
from .tables import from_frame as from_frame
from .tables import read_csv as read_csv
from .validation import validate as validate

__all__ = [
    "Columns",
    "Dataset",
    "Standardizer",
    "batches",
    "from_frame",
    "load",
    "moons",
    "one_hot",
    "read_csv",
    "train_test_split",
    "validate",
    "xor",
]
