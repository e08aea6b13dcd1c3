"""Reading pages: bytes in, reading out, no input or output of its own."""

from crawler.reading.listing import Listing, Row, read_list
from crawler.reading.reader import PageReader
from crawler.reading.recognition import judge_status
from crawler.reading.settings import READER_VERSION, ReaderSettings

__all__ = [
    "READER_VERSION",
    "Listing",
    "PageReader",
    "ReaderSettings",
    "Row",
    "judge_status",
    "read_list",
]
