"""Sign-up, verification, sign-in and tokens, of people and programs."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from common.contract.errors import Problem
from gateway.domain.credentials import fingerprint
from gateway.sessions.service import sign_in
from gateway.superuser import add_superuser
from tests.gateway.conftest import PASSWORD, Gateway, Person, form, new_address, running_gateway, signed_in

pytestmark = pytest.mark.servers


@pytest.fixture
async def visitor(gateway: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    async with gateway.browser() as http:
        yield http


def fields(answer: httpx.Response) -> list[str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return [error["field"] for error in answer.json()["errors"]]


async def test_terms_are_public(visitor: httpx.AsyncClient) -> None:
    terms = (await visitor.get("/terms")).json()

    answer = await visitor.post("/accounts", json=form(new_address(), accepted_terms="1999"))

    assert len(terms["text"]) > 200
    assert (answer.status_code, fields(answer)) == (422, ["accepted_terms"])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"password_again": "other horse"}, "password_again"),
        ({"email": "ada(at)example.org"}, "email"),
        ({"email": "ada@nowhere"}, "email"),
        ({"password": "short", "password_again": "short"}, "password"),
        ({"name": "  "}, "name"),
    ],
)
async def test_an_invalid_sign_up_names_the_fields_and_creates_no_account(
    gateway: Gateway, visitor: httpx.AsyncClient, wrong: dict[str, str], field: str
) -> None:
    address = new_address()

    answer = await visitor.post("/accounts", json=form(address, **wrong))

    assert (answer.status_code, fields(answer)) == (422, [field])
    assert gateway.mails_to(address) == []


async def test_a_taken_email_is_a_field_error_in_any_case(visitor: httpx.AsyncClient) -> None:
    address = new_address()
    await visitor.post("/accounts", json=form(address))

    answer = await visitor.post("/accounts", json=form(address.upper(), name="Other"))

    assert (answer.status_code, fields(answer)) == (409, ["email"])


async def test_the_verification_link_works_once(gateway: Gateway, visitor: httpx.AsyncClient) -> None:
    address = new_address()
    made = await visitor.post("/accounts", json=form(address))
    (mail,) = gateway.mails_to(address)
    body = mail.get_body(("html",))
    assert body is not None
    html = body.get_content()

    unverified = await visitor.post("/session", json={"email": address, "password": PASSWORD})
    first = await visitor.get(gateway.link_to(address))
    second = await visitor.get(gateway.link_to(address))
    page = await visitor.get(gateway.link_to(address), headers={"Accept": "text/html"})
    nonsense = await visitor.get("/accounts/verify?token=nonsense")

    assert "spam" in made.json()["message"]
    assert ">Verify your email</a>" in html
    assert gateway.link_to(address) in html
    assert unverified.status_code == 403
    assert unverified.json()["code"] == "email_not_verified"
    assert (first.status_code, first.json()["status"]) == (200, "verified")
    assert (second.status_code, second.json()["status"]) == (200, "already")
    assert (page.status_code, page.headers["location"]) == (303, "/verified?status=already")
    assert nonsense.status_code == 410
    assert (await visitor.post("/session", json={"email": address, "password": PASSWORD})).status_code == 204


async def test_an_expired_link_is_gone_and_a_new_email_works(gateway: Gateway, visitor: httpx.AsyncClient) -> None:
    address = new_address()
    await visitor.post("/accounts", json=form(address))
    past = datetime.now(UTC) - timedelta(minutes=1)
    token = gateway.link_to(address).partition("token=")[2]
    await gateway.database.verifications.update_one({"_id": fingerprint(token)}, {"$set": {"valid_until": past}})
    await gateway.database.users.update_one({"email": address}, {"$set": {"mailed_at": past}})

    expired = await visitor.get(gateway.link_to(address))
    again = await visitor.post("/accounts/verification", json={"email": address})
    stranger = await visitor.post("/accounts/verification", json={"email": new_address()})
    verified = await visitor.get(gateway.link_to(address))

    assert expired.status_code == 410
    assert "support@localhost" in expired.json()["detail"]
    assert (again.status_code, again.json()) == (stranger.status_code, stranger.json())
    assert len(gateway.mails_to(address)) == 2
    assert verified.json()["status"] == "verified"


async def test_sign_up_is_idempotent_with_a_key(gateway: Gateway, visitor: httpx.AsyncClient) -> None:
    address = new_address()
    key = {"Idempotency-Key": "first"}

    once = await visitor.post("/accounts", json=form(address), headers=key)
    twice = await visitor.post("/accounts", json=form(address), headers=key)

    assert (once.status_code, twice.status_code) == (201, 201)
    assert once.json()["id"] == twice.json()["id"]
    assert len(gateway.mails_to(address)) == 1


async def test_a_failed_email_creates_no_account(gateway: Gateway, tmp_path: Path) -> None:
    address = new_address()
    settings = {"smtp_url": "smtp://127.0.0.1:9", "support_address": "help@lab.example"}
    async with running_gateway(gateway.servers, tmp_path, **settings) as offline, offline.browser() as visitor:
        failed = await visitor.post("/accounts", json=form(address))
    async with gateway.browser() as visitor:
        later = await visitor.post("/accounts", json=form(address))

    assert failed.status_code == 503
    assert "help@lab.example" in failed.json()["detail"]
    assert later.status_code == 201


async def test_the_session_cookie_is_http_only_and_ends_with_sign_out(gateway: Gateway, ada: Person) -> None:
    entered = await ada.http.post("/session", json={"email": ada.email, "password": PASSWORD})
    cookie = entered.headers["set-cookie"]
    me = await ada.http.get("/me")
    secret = ada.http.cookies["tracklane"]

    await ada.http.delete("/session")
    async with gateway.browser() as thief:
        stolen = await thief.get("/me", headers={"Cookie": f"tracklane={secret}"})

    assert me.json() == {"id": ada.id, "name": "Ada", "email": ada.email, "superuser": False}
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    assert stolen.status_code == 401


async def test_over_https_the_cookie_is_secure_and_host_only(gateway: Gateway, ada: Person, tmp_path: Path) -> None:
    https = "https://label.example"
    async with (
        running_gateway(gateway.servers, tmp_path, public_url=https) as other,
        other.browser(Origin=https) as http,
    ):
        entered = await http.post("/session", json={"email": ada.email, "password": PASSWORD})

    assert entered.headers["set-cookie"].startswith("__Host-tracklane=")
    assert "Secure" in entered.headers["set-cookie"]
    assert "strict-transport-security" in entered.headers


async def test_a_name_cannot_sign_in(ada: Person) -> None:
    answer = await ada.http.post("/session", json={"email": ada.name, "password": PASSWORD})

    assert answer.status_code == 401


async def test_wrong_passwords_delay_sign_in_until_a_success(gateway: Gateway, ada: Person) -> None:
    wrong, right = {"email": ada.email, "password": "wrong"}, {"email": ada.email, "password": PASSWORD}
    attempts = gateway.app.state.dependencies.sign_in_attempts

    early = [(await ada.http.post("/session", json=wrong)).status_code for _ in range(5)]
    key = f"{ada.email} 127.0.0.1"
    counted = await attempts.failures(key, datetime.now(UTC))
    await attempts.count(key, counted[0], datetime.now(UTC), timedelta(seconds=3))
    slowed = await ada.http.post("/session", json=right)
    await asyncio.sleep(int(slowed.headers["retry-after"]) + 0.1)
    accepted = await ada.http.post("/session", json=right)
    remaining = await attempts.failures(key, datetime.now(UTC))

    assert (early, counted[0]) == ([401] * 5, 5)
    assert slowed.status_code == 429
    assert (accepted.status_code, remaining) == (204, (0, None))


async def test_concurrent_guesses_are_limited_like_sequential_ones(gateway: Gateway, ada: Person) -> None:
    now = datetime.now(UTC)
    dependencies = replace(gateway.app.state.dependencies, clock=lambda: now)

    attempts = (sign_in(ada.email, "wrong", "198.51.100.7", dependencies) for _ in range(20))
    problems = await asyncio.gather(*attempts, return_exceptions=True)

    codes = Counter(problem.code for problem in problems if isinstance(problem, Problem))
    assert set(codes) == {"wrong_credentials", "too_many_attempts"}
    assert codes.total() == 20
    assert codes["wrong_credentials"] <= 5


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        ({}, 201),
    ],
)
async def test_cross_site_requests_are_refused(ada: Person, headers: dict[str, str], status: int) -> None:
    own = {"Cookie": f"tracklane={ada.http.cookies['tracklane']}"}
    async with httpx.AsyncClient(base_url=ada.http.base_url, trust_env=False) as bare:
        answer = await bare.post("/projects", json={"name": "x", "task_kind": "video"}, headers=own | headers)

        assert answer.status_code == status
        assert (await bare.get("/me", headers=own | headers)).status_code == 200


async def test_a_token_works_until_it_is_deleted(gateway: Gateway, ada: Person) -> None:
    made = (await ada.http.post("/tokens", json={"name": "notebook", "expires_in_days": 3})).json()
    listed = (await ada.http.get("/tokens")).json()["items"]
    bearer = {"Authorization": f"Bearer {made['token']}"}
    async with httpx.AsyncClient(base_url=ada.http.base_url, headers=bearer, trust_env=False) as program:
        me = await program.get("/me")
        child = (await program.post("/tokens", json={"name": "child"})).json()
        elsewhere = await program.post(
            "/projects", json={"name": "x", "task_kind": "video"}, headers={"Origin": "https://other.example"}
        )
        await ada.http.delete(f"/tokens/{made['id']}")
        gone = await program.get("/me")

    assert me.json()["email"] == ada.email
    assert "token" not in listed[0]
    assert made["token"] not in str(listed)
    assert child["expires_at"] == listed[0]["expires_at"]
    assert elsewhere.status_code == 201, "browsers do not send tokens on their own"
    assert (gone.status_code, gone.headers["www-authenticate"]) == (401, "Bearer")


async def test_expired_tokens_and_tokens_of_others_do_not_work(gateway: Gateway, ada: Person, eve: Person) -> None:
    made = (await ada.http.post("/tokens", json={"name": "old", "expires_in_days": 1})).json()
    tokens = gateway.app.state.dependencies.tokens

    others = await eve.http.delete(f"/tokens/{made['id']}")
    over = await tokens.find(made["token"], datetime.now(UTC) + timedelta(days=2))

    assert others.status_code == 404
    assert over is None


async def test_routes_require_sign_in(visitor: httpx.AsyncClient) -> None:
    for path in ("/me", "/projects", "/tokens", "/models", "/formats", "/media/abc", "/operations/dead-letters"):
        answer = await visitor.get(path)

        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), path


async def test_a_superuser_is_created_once(gateway: Gateway) -> None:
    address = new_address("root")
    settings = gateway.app.state.dependencies.settings

    first = await add_superuser(settings, address, PASSWORD, "Root")
    second = await add_superuser(settings, address, "another password", "Root")

    assert "can sign in" in first
    assert "exists" in second
    async with gateway.browser() as http:
        assert (await http.post("/session", json={"email": address, "password": PASSWORD})).status_code == 204
        assert (await http.get("/me")).json()["superuser"] is True
        assert (await http.get("/operations/dead-letters")).status_code == 200
    async with signed_in(gateway) as ordinary:
        assert (await ordinary.http.get("/operations/dead-letters")).status_code == 403
