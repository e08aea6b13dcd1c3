"""The API of the reading room: its description is true, and its words are the command line's."""

import json
import re

import httpx
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from support.room import Room
from support.shelf import HOST, Shelf

RULES = {
    "title": "人才公寓管理办法",
    "index_number": "1115990001150073XY/2024-00355",
    "document_number": "砚政发〔2024〕5号",
    "issuing_agency": "市住建局",
    "category": "规范性文件",
    "published_at": "2024-08-01T09:00:00+08:00",
    "written_on": "2024-07-30",
    "validity": "valid",
    "validity_label": "有效",
    "text": "第一条 为了规范管理，制定本办法。\n第二条 有效期5年。\n一\t二\n三\t四",
    "files": ["申请表.docx"],
}
AMENDED = {
    **RULES,
    "text": RULES["text"].replace("5年", "3年"),
    "validity": "repealed",
    "validity_label": "废止",
}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    shelf = Shelf(tmp_path_factory.mktemp("api") / "archive.db")
    pages = {
        f"tz/{n}": {"title": f"第{n}号通知", "index_number": f"/2024-{n}"} for n in range(1, 8)
    }
    shelf.put({"gk/1": RULES, **pages})
    shelf.put({"nmj/1": {"title": "各有其号", "index_number": "/2024-1", "text": "甲乙丙丁。"}})
    shelf.put({"gk/1": AMENDED})
    return shelf


@pytest.fixture(scope="module")
def room(shelf):
    with Room(shelf.path, shelf) as room:
        yield room


@pytest.fixture(scope="module")
def described(room):
    """The description of the API."""
    return room.get("/openapi.json").json()


PLACES = {"id": 1, "version": 2, "before": 1, "after": 2, "seq": 3}
QUERIES = {
    "/api/search": [{"q": "管理"}, {"q": "有效期5年", "all-versions": "true"}],
    "/api/find": [{"index": f"{HOST}/gk/1.html"}],
    "/api/documents": [{}, {"validity": "repealed", "limit": 1}, {"as-of": "2026-03-02"}],
    "/api/changes": [{}, {"kind": ["validity", "content"]}, {"index": RULES["index_number"]}],
    "/api/documents/{id}/compare/{before}...{after}": [{"by": "article"}],
    "/api/conflicts": [{}, {"all": "true"}],
    "/api/in-force": [{}, {"as-of": "2025-01-01"}],
    "/api/captures": [{}, {"outcome": "document", "limit": 2}],
}


def answers(room, described):
    """Every address of the description, asked for: its schema and what was answered."""
    [conflict, *_] = room.get("/api/conflicts?all=true").json()["items"]
    places = {**PLACES, "conflict": conflict["id"]}
    for path, operations in described["paths"].items():
        for query in QUERIES.get(path, [{}]):
            answer = room.get(
                path.format_map(places if "runs" not in path else {"id": 2}), params=query
            )
            assert answer.status_code == 200, (path, answer.text)
            [content] = operations["get"]["responses"]["200"]["content"].values()
            yield path, content["schema"], answer


def test_the_description_is_one(described):
    OpenAPIV31SpecValidator(described).validate()


def test_every_answer_is_as_described(room, described):
    for path, schema, answer in answers(room, described):
        whole = {**schema, "components": described["components"]}
        errors = Draft202012Validator(whole).iter_errors(answer.json())
        assert [error.message for error in errors] == [], path
        # What is described leaves nothing out, but for what is told in a page of its own.
        if path not in ("/api/status", "/api"):
            assert set(answer.json()) == set(members(described, schema)), path


def members(described, schema):
    return described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]


def test_every_object_has_a_link_that_leads_to_it(room, described):
    followed = 0
    for path, _, answer in answers(room, described):
        told = answer.json()
        if path.endswith(("/api", "/receipt", "/log")):
            continue
        for row in told.get("items", [told]):
            found = room.get(row["links"]["self"])
            assert found.status_code == 200, row["links"]
            # Of a document or a version, a row of a list has less than the object itself.
            shared = set(row) & set(found.json()) - {"links", "version"}
            assert {name: found.json()[name] for name in shared} == {n: row[n] for n in shared}
            for link in row["links"].values():
                assert room.get(link).status_code == 200, link
                followed += 1
    assert followed > 30


def test_rows_are_those_of_the_command_line(room, shelf):
    def without_links(rows):
        return [{name: one for name, one in row.items() if name != "links"} for row in rows]

    with shelf.catalogue() as catalogue:
        documents = list(catalogue.documents())
        changes = list(catalogue.changes())
        runs = catalogue.runs()
        shown = catalogue.show(RULES["index_number"], version=1)
        revision = catalogue.revision(RULES["index_number"], shelf).as_json()
    assert without_links(room.get("/api/documents").json()["items"]) == documents
    assert without_links(room.get("/api/changes").json()["items"]) == changes[::-1]
    assert without_links(room.get("/api/runs").json()["items"]) == runs
    version = room.get("/api/documents/1/versions/1").json()
    assert without_links([{**version, "attachments": without_links(version["attachments"])}]) == [
        shown
    ]
    assert without_links([room.get("/api/documents/1/compare/1...2").json()]) == [revision]


@pytest.mark.parametrize(
    "path", ["/api/documents?", "/api/changes?", "/api/runs?", "/api/search?q=号&"]
)
def test_pages_follow_one_another_to_the_end(room, path):
    whole = room.get(path).json()
    assert whole["next"] is None
    pieces, address = [], f"{path}limit=2"
    while address:
        piece = room.get(address).json()
        assert 0 < len(piece["items"]) <= 2
        pieces += piece["items"]
        address = piece["next"]
    assert pieces == whole["items"]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/api/documents/99", 404, "99"),
        ("/api/documents/1/versions/9", 404, "9"),
        ("/api/runs/99", 404, "99"),
        ("/api/captures/99", 404, "99"),
        ("/api/changes/99", 404, "99"),
        (f"/api/changes/{10**40}", 404, "entry"),
        ("/api/find?index=nothing", 404, "nothing"),
        ("/api/find", 400, "index"),
        ("/api/documents?agnecy=x", 400, "agnecy"),
        ("/api/documents?limit=0", 400, "limit"),
        ("/api/documents?limit=201", 400, "200"),
        ("/api/documents?limit=x", 400, "limit"),
        ("/api/documents?status=gone", 400, "current"),
        ("/api/documents?published-from=yesterday", 400, "2025-01-31"),
        ("/api/changes?kind=odd", 400, "created"),
        ("/api/changes?index=http://[::1", 400, "address"),
        ("/api/conflicts?index=http://a:99999/", 400, "address"),
        ("/api/in-force?as-of=0001-01-01T00:00:00%2B14:00", 400, "2025-01-31"),
        ("/api/calendar?until=9999-12-31T23:59:59-23:00", 400, "2025-01-31"),
        ("/api/search", 400, "q is missing"),
        ("/api/search?q=-号", 400, "search"),
        (f"/api/search?q={'a' * 501}", 400, "500"),
        ("/api/nothing", 404, "nothing"),
        ("/apix", 404, ""),
    ],
)
def test_what_goes_wrong_is_said_as_a_problem(room, described, path, status, said):
    answer = room.get(path)
    assert answer.status_code == status
    if path.startswith("/api/"):
        assert answer.headers["content-type"] == "application/problem+json"
        schema = {"$ref": "#/components/schemas/Problem", "components": described["components"]}
        Draft202012Validator(schema).validate(answer.json())
        assert said in answer.json()["detail"]


@pytest.mark.parametrize("method", ["OPTIONS", "POST", "PUT", "DELETE"])
def test_a_program_that_would_change_something_is_told_so_as_a_problem(room, method):
    answer = room.client.request(method, "/api/documents")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert "reading" in answer.json()["detail"]


def test_a_number_that_several_documents_have_names_them(room):
    answer = room.get("/api/find", params={"index": "/2024-1"})
    assert answer.status_code == 300
    candidates = answer.json()["candidates"]
    assert {one["title"] for one in candidates} == {"第1号通知", "各有其号"}
    for one in candidates:
        assert room.get(one["links"]["self"]).json()["title"] == one["title"]


def test_parameters_may_be_written_with_a_dash_or_an_underscore(room):
    for name in ("published-from", "published_from"):
        assert len(room.get("/api/documents", params={name: "2024-01-01"}).json()["items"]) == 1


def test_feeds_tell_what_a_filter_lets_through(room):
    atom = room.get("/feed.atom", params={"kind": "validity"})
    assert atom.headers["content-type"].startswith("application/atom+xml")
    assert atom.text.count("<entry>") == 1
    assert "废止" in atom.text
    told = room.get("/feed.json", params={"kind": "validity"}).json()
    [item] = told["items"]
    assert item["url"] == f"{room.url}/documents/1/compare/1...2"
    assert told["feed_url"] == f"{room.url}/feed.json?kind=validity"
    again = room.get("/feed.json", headers={"If-None-Match": etag(room)})
    assert (again.status_code, again.content) == (304, b"")


def etag(room):
    return room.get("/feed.json").headers["etag"]


def test_lists_are_handed_out_as_files(room):
    table = room.get("/documents.csv", params={"validity": "repealed"})
    assert table.headers["content-disposition"].startswith("attachment;")
    assert table.text.count("\r\n") == 2
    lines = room.get("/documents.jsonl", params={"q": "管理"}).text.splitlines()
    assert [json.loads(line)["title"] for line in lines] == [RULES["title"]]
    changes = room.get("/changes.jsonl").text.splitlines()
    told = [json.loads(line) for line in changes]
    assert {one["kind"] for one in told} >= {"content", "validity", "collision"}
    table = room.get("/changes.csv", params={"kind": "validity"}).text.splitlines()
    assert len(table) == 2
    assert "有效,废止" in table[1]


def test_the_revision_table_has_a_row_for_each_article_that_changed(room):
    from io import BytesIO

    from docx import Document

    answer = room.get("/documents/1/compare/1...2/table.docx")
    assert answer.status_code == 200
    [table] = Document(BytesIO(answer.content)).tables
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert rows[0] == ["修订前", "修订后", "备注"]
    assert [row[:2] for row in rows[1:]] == [
        ["第二条　有效期5年。\n一 ｜ 二\n三 ｜ 四", "第二条　有效期3年。\n一 ｜ 二\n三 ｜ 四"]
    ]
    marked = [
        run.text
        for paragraph in table.rows[1].cells[0].paragraphs
        for run in paragraph.runs
        if run.font.strike
    ]
    assert marked == ["5"]
    name = answer.headers["content-disposition"]
    assert re.search(r"filename\*=UTF-8''%E4%BF%AE", name)


def test_the_revision_table_is_a_sheet_or_a_page_as_well(room):
    from io import BytesIO

    from openpyxl import load_workbook

    sheet = load_workbook(BytesIO(room.get("/documents/1/compare/1...2/table.xlsx").content)).active
    assert any("有效期3年" in str(cell.value) for row in sheet.rows for cell in row)
    page = room.get("/documents/1/compare/1...2/table.html")
    assert page.headers["content-disposition"].startswith("attachment;")
    assert "有效期" in page.text
    assert room.get("/documents/1/compare/1...2/table.exe").status_code == 404


def test_a_comparison_by_article_is_that_of_the_command_line(room, shelf, described):
    with shelf.catalogue() as catalogue:
        revision = catalogue.revision(RULES["index_number"], shelf)
        articles = [one.as_json() for one in revision.articles()]
    answer = room.get("/api/documents/1/compare/1...2", params={"by": "article"}).json()
    assert answer["articles"] == articles
    assert [one["op"] for one in articles] == ["equal", "amended"]
    schema = {"$ref": "#/components/schemas/Comparison", "components": described["components"]}
    Draft202012Validator(schema).validate(answer)
    assert room.get(answer["links"]["self"]).json() == answer
    assert room.get("/api/documents/1/compare/1...2?by=line").json().keys() == answer.keys() - {
        "articles"
    }
    assert room.get("/api/documents/1/compare/1...2?by=word").status_code == 400


def test_a_receipt_is_that_of_the_command_line(room, shelf):
    with shelf.catalogue() as catalogue:
        receipt = catalogue.receipt(RULES["index_number"], version=1)
    assert room.get("/api/documents/1/versions/1/receipt").json() == receipt
    assert room.get("/documents/1/versions/1/receipt.json").json() == receipt


def test_programs_enter_with_a_token(shelf):
    from archive.room.guard.tokens import Tokens

    tokens = Tokens(shelf.path)
    token = tokens.add("program", "2026-01-01")
    try:
        with Room(shelf.path, shelf, is_loopback=False) as room:
            assert room.get("/api/documents").status_code == 401
            with httpx.Client(headers={"Authorization": f"Bearer {token}"}) as client:
                assert client.get(f"{room.url}/api/documents").status_code == 200
    finally:
        tokens.path.unlink()
