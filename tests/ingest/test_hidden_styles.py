"""Every way that a page's own styles have to hide words, and what only looks like one."""

from __future__ import annotations

import time

import pytest
from selectolax.lexbor import LexborHTMLParser

from footnoted.ingest.extract import extract
from footnoted.ingest.hidden import remove_hidden

SECRET = "SECRET"
EXTERNAL = "<link rel=stylesheet href=site.css>"

# A style for the element in whose paragraph the secret stands.
HIDING = [
    "display: none; display: bogus",
    "quotes: ';display:block;'; display:none",
    "d\\isplay: n\\6f ne",
    "display:no/**/ne; display:none/* ; */;",
    "--d:none; display:var(--d)",
    "display:var(--missing, none)",
    "--a:var(--b); --b:none; display:var(--a)",
    "content-visibility:hidden",
    "opacity:0%",
    "opacity:calc(0 * 1)",
    "filter:blur(1px) opacity(0)",
    "font-size:0; font-size:bogus",
    "font-size:1%",
    "font-size:.05em",
    "font-size:calc(0px)",
    "font:0/0 a",
    "font:italic 700 0px/1 serif",
    "font:16px serif; font-size:0",
    "position:absolute; left:calc(-9999px)",
    "position:absolute; left:-9999px; left:5",
    "position:absolute; inset:-9999px auto auto -9999px",
    "position:fixed; top:-200vh",
    "position:absolute; right:9999px",
    "position:absolute; bottom:9999px",
    "position:absolute; left:9999px",
    "position:relative; left:-9999px",
    "position:absolute; inset-inline-start:-9999px",
    "margin:0 0 0 -9999px",
    "text-indent:-9999px",
    "text-indent:-100em",
    "text-indent:100%; white-space:nowrap; overflow:hidden",
    "position:absolute; clip:rect(0,0,0,0)",
    "clip-path:inset(100%)",
    "-webkit-clip-path:inset(50%)",
    "clip-path:circle(0)",
    "clip-path:circle(0px at 50% 50%)",
    "clip-path:polygon(0 0, 0 0, 0 0)",
    "transform:scale(0)",
    "transform:rotate(3deg) scale(1, 0)",
    "transform:scaleX(.001)",
    "transform:matrix(0, 0, 0, 0, 0, 0)",
    "transform:translate(-300vw, 0)",
    "transform:rotateY(90deg)",
    "transform:scale(0); transform:bogus",
    "scale:0",
    "translate:-9999px",
    "max-height:0; overflow:hidden",
    "max-width:0; overflow-x:clip",
    "width:1px; height:1px; overflow:hidden",
    "color:#fff",
    "color:WHITE",
    "color:snow",
    "color:hsl(0, 0%, 100%)",
    "color:rgb(100% 100% 100%)",
    "color:rgba(0, 0, 0, .01)",
    "color:#0000",
    "color:#fff; color:bogus",
    "color:transparent",
    "-webkit-text-fill-color:transparent",
    "--ink:#fff; color:var(--ink)",
    "background:navy; color:navy",
    "background:no-repeat navy; color:#000080",
    "background:0 0; color:#fff",
    "color:red; background-color:currentcolor",
    "background-color:rgba(0,0,0,.5); color:#7f7f7f",
]

SHOWING = [
    "display:inline-flex",
    "display:-webkit-box",
    "display:none; display:flow-root",
    "display:none; all:unset",
    "visibility:bogus",
    "opacity:.4",
    "opacity:0 bogus",
    "font-size:.8em",
    "font:700 12px/0 serif",
    "font-size:0; font:16px serif",
    "text-indent:2em",
    "position:absolute; left:50%; margin-left:-480px",
    "float:left; margin-left:-100%",
    "left:-9999px",
    "transform:translate(-50%, -50%) scale(.9)",
    "transform:matrix(0, 1, -1, 0, 0, 0)",
    "translate:none; scale:none",
    "clip-path:inset(10%)",
    "clip:rect(0,0,0,0)",
    "max-height:0",
    "height:10px; overflow:hidden",
    "color:#eee",
    "color:oklch(100% 0 0)",
    "color:#fff; background:#000c",
    "color:#fff; background:rgb(0 0 0 / 60%)",
    "color:#fff; background:url(night.jpg)",
    "color:#fff; background:linear-gradient(navy, black)",
    "color:#fff; background:bottom navy",
    "color:#fff; color:initial",
    "color:transparent; text-shadow:0 0 red; -webkit-text-fill-color:red",
]


def left_of(head: str, body: str) -> str:
    tree = LexborHTMLParser(f"<html><head>{head}</head><body><p>seen</p>{body}</body></html>")
    remove_hidden(tree)
    assert tree.body is not None
    text = tree.body.text()
    assert "seen" in text
    return text


@pytest.mark.parametrize("style", HIDING)
def test_a_style_that_hides(style: str) -> None:
    rule = f"<style>.x {{ {style} }}</style>"
    assert SECRET not in left_of("", f'<div style="{style}"><p>{SECRET}</p></div>')
    assert SECRET not in left_of(rule, f"<div class=x>{SECRET}</div>")


@pytest.mark.parametrize("style", SHOWING)
def test_a_style_that_does_not(style: str) -> None:
    assert SECRET in left_of("", f'<div style="{style}"><p>{SECRET}</p></div>')


NONE = "{display:none}"


@pytest.mark.parametrize(
    "css",
    [
        f":is(.y, .x){NONE}",
        f".box p:not(.a, .b){NONE}",
        f"[data-q='a,b']{NONE}",
        f".\\78 {NONE}",
        f".md\\:x{NONE}",
        f"<!-- .x{NONE} -->",
        f"@import 'a.css'; @charset 'x'; .x{NONE}",
        f".box{{color:red; .x{NONE}}}",
        f".box{{& > .x{NONE}}}",
        ".x{display:none; .y{color:red}}",
        f".x{{@media screen{NONE}}}",
        f"@supports (display:grid){{.x{NONE}}}",
        f"@layer late{{.x{{display:block}}}} .x{NONE}",
        f".x{NONE} @layer late{{.x{{display:block}}}}",
        f"@media (min-width:1px){{.x{NONE}}}",
        f"@media only screen and (min-width:20em), print{{.x{NONE}}}",
        f"@media (width >= 300px){{.x{NONE}}}",
        f"@media not print{{.x{NONE}}}",
        f"@media (min-width:600px){{.x{NONE}}} @media (max-width:599.98px){{.x{NONE}}}",
        f"@media (min-width:600px){{.box{NONE}}} @media (max-width:599px){{.x{NONE}}}",
        ".x{display:none!important} .box .x{display:block}",
        f"#id:where(.box) .x{{display:none}} {'.q' * 3}{{display:block}}",
        ":root{--gone:none} .x{display:var(--gone)}",
        ".box{visibility:hidden} .x{visibility:inherit}",
        ".box{font-size:0} .x{font-size:2em}",
        ".box{opacity:.2} .x{opacity:.2}",
        ".box{color:#fff} .x{color:inherit}",
        ".box{background:#123456} .x{color:#123456}",
        ".box{background:#123456} .x{background:inherit;color:rgb(18 52 86)}",
        "@keyframes pulse{to{opacity:0}} .x{opacity:0;animation:pulse 1s}",
        ".a1{color:red}" * 6_000 + f".x{NONE}",
        ".box{color:red}" * 6_000 + f".x{NONE}",
    ],
)
def test_a_rule_that_hides(css: str) -> None:
    body = f"<div class=box id=id><p class='x md:x' data-q='a,b'>{SECRET}</p></div>"
    assert SECRET not in left_of(f"<style>{css}</style>", body)


@pytest.mark.parametrize(
    "css",
    [
        f".other{{ .x{NONE} }}",
        f".x:hover{NONE} .x::before{NONE} p:has(> b){NONE}",
        f"@supports not (display:grid){{.x{NONE}}}",
        f"@container (min-width:1px){{.x{NONE}}}",
        f"@media (min-width:600px){{.x{NONE}}}",
        f"@media (orientation:portrait){{.x{NONE}}}",
        f"@media not screen{{.x{NONE}}}",
        f"@media (prefers-color-scheme:dark){{.x{NONE}}}",
        f"@media not (an-unknown-feature){{.x{NONE}}}",
        f"@media print, (max-width:500px){{.x{NONE}}}",
        f"@media (hover:hover) and (pointer:fine){{.x{NONE}}}",
        f"@starting-style{{.x{NONE}}}",
        f":where(#id .x){NONE} .x{{display:block}}",
        f".x{{.y{NONE}}}",
        "@media screen{.x{display:none}} .x{display:block}",
        "@keyframes in{from{opacity:0} to{opacity:1}} .x{opacity:0;animation:in 1s forwards}",
        ".box{font-size:0} .x{font-size:medium}",
        ".box{text-indent:-9999px} .x{text-indent:0}",
        ".box{color:#fff;background:#fff} .x{background:#000}",
        ".box{background:#fff} .x{color:#fff;background:inherit;color:initial}",
    ],
)
def test_a_rule_that_does_not(css: str) -> None:
    body = f"<div class=box id=id><p class=x>{SECRET}</p></div>"
    assert SECRET in left_of(f"<style>{css}</style>", body)


DATA = "data:text/css"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (f'<link rel=stylesheet href="{DATA},.x%7Bdisplay%3Anone%7D">', "<p class=x>SECRET</p>"),
        (
            f'<link rel=stylesheet href="{DATA};base64,LnB7fS54e2NvbG9yOiNmZmZ9">',
            "<p class=x>SECRET",
        ),
        ("", "<p hidden=hidden>SECRET</p>"),
        ("", "<div popover>SECRET</div>"),
        ("", "<canvas>SECRET</canvas><video>SECRET</video><audio>SECRET</audio>"),
        ("", "<iframe>SECRET</iframe><noembed>SECRET</noembed><datalist>SECRET</datalist>"),
        ("", "<svg><title>SECRET</title><desc>SECRET</desc><metadata>SECRET</metadata></svg>"),
        ("", "<math><semantics><mi>x</mi><annotation>SECRET</annotation></semantics></math>"),
        ("", "<style>.x{display:none}</style><p class=x>SECRET</p>"),
        ("", "<table bgcolor=navy><tr><td><font color=000080>SECRET</font></td></tr></table>"),
        ("", "<!-- SECRET --><template><template>SECRET</template></template>"),
    ],
)
def test_what_no_browser_shows(head: str, body: str) -> None:
    assert SECRET not in left_of(head, body)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("", "<p aria-hidden=true>SECRET</p>"),
        ("", "<details><summary>More</summary><p>SECRET</p></details>"),
        ("", "<dialog open>SECRET</dialog>"),
        ("", "<p inert>SECRET</p>"),
        ("<style type=text/less>.x{display:none}</style>", "<p class=x>SECRET</p>"),
        ("<style media='not all'>.x{display:none}</style>", "<p class=x>SECRET</p>"),
        ("<noscript><style>.x{display:none}</style></noscript>", "<p class=x>SECRET</p>"),
        (
            f'<link rel="alternate stylesheet" href="{DATA},.x{{display:none}}">',
            "<p class=x>SECRET",
        ),
        (EXTERNAL, "<p style=color:#fff>SECRET</p>"),
        ("", "<table background=night.jpg><tr><td style=color:#fff>SECRET</td></tr></table>"),
        ("", "<div><img src=a.jpg><b style='position:absolute;color:#fff'>SECRET</b></div>"),
        ("<style>h1{background:#c00 no-repeat}</style>", "<h1 style=color:#fff>SECRET</h1>"),
        ("", "<p style='color:transparent;background-clip:text'><b>SECRET</b></p>"),
        ("", "<p style='color:#fff;background:#fff'><a href=x>SECRET</a></p>"),
        ("", "<p style='visibility:hidden'><b style='visibility:visible'>SECRET</b></p>"),
    ],
)
def test_what_readers_see(head: str, body: str) -> None:
    assert SECRET in left_of(head, body)


def test_a_hidden_byline_is_no_author() -> None:
    words = "The ferry crosses the sound four times a day and takes twelve minutes. " * 4
    page = (
        "<html><head><title>Ferry</title></head><body><article><h1>Ferry</h1>"
        f"<p hidden>By <span class=author rel=author>Ignore Everything</span></p><p>{words}</p>"
    )
    assert extract(page.encode(), "text/html", None).authors == ()


def test_style_sheets_made_to_be_slow_are_read_in_time() -> None:
    rows = "".join(f"<div class='c{n}'><p>word</p></div>" for n in range(300))
    sheets = [
        "".join(f".c{n} p{{color:red}}" for n in range(2_000)),
        "&{" * 5_000 + ".x{color:red}",
        "p{" + "--v:var(--v) var(--v);" * 2_000 + "color:var(--v)}",
        "@media " + "(min-width:1px) and " * 20_000 + "(color){p{color:red}}",
        "p{display:" + "(" * 50_000,
        'p{color:"' + "\\" * 50_000,
        "p{transform:" + "scale(" * 20_000 + ")}",
        "p{margin:" + "0 " * 50_000 + "}",
        "p{margin:" + "0" * 50_000 + "}",
        "p{clip-path:polygon(" + "0 0," * 50_000 + "1x}",
    ]
    start = time.monotonic()
    for css in sheets:
        left_of(f"<style>{css}</style>", rows)
    assert time.monotonic() - start < 10
