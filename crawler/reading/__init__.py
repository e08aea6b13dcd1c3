"""Reading pages: bytes in, reading out, no input or output of its own."""

from crawler.reading.listing import Listing, Row, read_list
from crawler.reading.reader import PageReader
from crawler.reading.recognition import judge_file, judge_status
from crawler.reading.settings import READER_VERSION, ReaderSettings
from crawler.reading.stubs import is_front_page, is_login_page

__all__ = [
    "READER_VERSION",
    "Listing",
    "PageReader",
    "ReaderSettings",
    "Row",
    "is_front_page",
    "is_login_page",
    "judge_file",
    "judge_status",
    "read_list",
]
