"""No load to a host that nobody allowed."""

import pytest

from harness.hosts import check_host
from scenarios.errors import UsageError


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://127.8.9.1", "http://localhost:80", "http://[::1]:8000"]
)
def test_loopback_needs_no_leave(url: str) -> None:
    check_host(url, None)


@pytest.mark.parametrize(
    "url", ["http://staging.example.com", "http://10.0.0.1:80", "http://0.0.0.0"]
)
def test_any_other_host_is_refused_with_the_way_to_allow_it(url: str) -> None:
    with pytest.raises(UsageError, match="ALLOW_HOST="):
        check_host(url, "other.example.com")


def test_a_host_may_be_allowed_by_name_or_by_name_and_port() -> None:
    check_host("https://staging.example.com", "a.example, Staging.example.com")
    check_host("http://10.0.0.1:8000", "10.0.0.1:8000")


@pytest.mark.parametrize("url", ["staging", "ftp://localhost", "http://", "http://a:99999"])
def test_what_is_no_url_is_told(url: str) -> None:
    with pytest.raises(UsageError, match="host '"):
        check_host(url, None)
