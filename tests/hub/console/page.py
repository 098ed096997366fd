"""A page of the console as a user reads it: problems, tables, facts and results."""

from __future__ import annotations

from functools import cached_property

from httpx2 import Response
from lxml import html


class ConsolePage:
    """The parsed HTML of one page."""

    def __init__(self, page: Response | str) -> None:
        self.html = page if isinstance(page, str) else page.text

    @cached_property
    def _tree(self) -> html.HtmlElement:
        return html.document_fromstring(self.html)

    @property
    def text(self) -> str:
        """The text of the main part, with single spaces."""
        (main,) = self._tree.xpath("//main")
        return _text(main)

    @property
    def heading(self) -> str:
        """The text of the one first-level heading."""
        (heading,) = self._tree.xpath("//h1")
        return _text(heading)

    @property
    def is_error(self) -> bool:
        """Whether the title marks the page as an error, as GOV.UK does."""
        return str(self._tree.findtext("head/title")).startswith("Error: ")

    @property
    def problems(self) -> list[str]:
        """The controls that the error summary links to; each must exist and show its problem."""
        links = self._tree.xpath("//*[contains(@class, 'govuk-error-summary__list')]//a/@href")
        names = [str(link).removeprefix("#") for link in links]
        missing = [name for name in names if not self._tree.xpath(f"//*[@id='{name}']")]
        assert missing == []
        return names

    @property
    def is_done(self) -> bool:
        """Whether the page confirms that something was done."""
        return bool(self._tree.xpath("//*[contains(@class, 'notification-banner--success')]"))

    @property
    def has_alert(self) -> bool:
        """Whether the page has an alert that something is wrong."""
        return bool(self._tree.xpath("//*[contains(@class, 'error-summary')]//*[@role='alert']"))

    @property
    def facts(self) -> dict[str, str]:
        """The rows of summary lists."""
        keys = self._tree.xpath("//dt[contains(@class, 'summary-list__key')]")
        return {_text(key): _text(key.getnext()) for key in keys}

    @property
    def links(self) -> list[str]:
        """The addresses of links and forms in the main part."""
        return [str(one) for one in self._tree.xpath("//main//a/@href | //main//form/@action")]

    def offers(self, action: str) -> bool:
        """Whether the page has a form that is sent to this address."""
        return bool(self._tree.xpath(f"//main//form[@action='{action}']"))

    def rows(self, table: str) -> list[list[str]]:
        """The cells of a table's body, by the id of its caption."""
        rows = self._tree.xpath(f"//caption[@id='{table}']/ancestor::table/tbody/tr")
        return [[_text(cell) for cell in row] for row in rows]

    def part(self, name: str) -> str:
        """The text from a heading or section with this id to the next heading of its level."""
        (first,) = self._tree.xpath(f"//*[@id='{name}']")
        texts = [_text(first)]
        for one in first.itersiblings():
            if one.tag == first.tag:
                break
            texts.append(_text(one))
        return " ".join(texts)

    def classes(self, name: str) -> set[str]:
        """Every CSS class on the page that begins so."""
        found = " ".join(map(str, self._tree.xpath("//@class"))).split()
        return {one for one in found if one.startswith(name)}


def _text(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())
