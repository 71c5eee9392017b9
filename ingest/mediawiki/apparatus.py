"""Which elements of a MediaWiki page are not the article: boxes, notices, pictures, the skin."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

_CLASSES = """
hatnote dablink rellink hauptartikel sieheauch bandeau-article bandeau-container homonymie
navbox navbox-styles navbar vertical-navbox navigation-box sidebar sistersitebox side-box
mbox-small mbox-small-left metadata ambox tmbox ombox cmbox fmbox imbox mw-editsection
mw-editsection-like toc toctitle tocright thumb tmulti thumbcaption thumbinner gallery gallerybox
magnify reflist references mw-references-wrap references-small refbegin mw-references
shortdescription mw-empty-elt catlinks printfooter mw-jump-link portal portalbox portal-bar
authority-control mw-indicators error mw-ext-cite-error Z3988 stub asbox boilerplate NavFrame
NavHead sisterproject mw-kartographer-container mw-kartographer-map mw-authority-control
pcs-edit-section-header pcs-fold-hr pcs-collapse-table-collapsed-container
pcs-collapse-table-collapsed-bottom pagelib_edit_section_header pcs-edit-section-title-description
pagelib_collapse_table_collapsed_container pagelib_collapse_table_collapsed_bottom
pcs-header-inner-left pcs-footer-container autonumber mw-cite-backlink noviewer geo-nondefault
geo-multi-punct mw-tmh-player mw-graph listen haudio spoken-wikipedia mw-hidden-catlinks
mw-normal-catlinks mw-jump navigation-not-searchable interlanguage-links succession-box succession
s-box infobox-navbar mw-page-title-main
"""
_APPARATUS_CLASSES = frozenset(_CLASSES.split())
_IDS = """
toc coordinates siteSub contentSub jump-to-nav catlinks mw-navigation footer mw-panel mw-head
p-lang firstHeading siteNotice mw-page-base mw-head-base
"""
_APPARATUS_IDS = frozenset(_IDS.split())
_APPARATUS_TAGS = frozenset({"figure", "figcaption", "nav", "footer", "aside", "hr"})
_APPARATUS_ROLES = frozenset({"navigation", "note", "search", "banner", "contentinfo"})
_PICTURES = frozenset(
    {"figure", "thumb", "tmulti", "thumbinner", "gallery", "gallerybox", "mbox-small"}
    | {"mbox-small-left", "listen", "haudio", "figcaption", "thumbcaption"}
)
CAPTIONS = ".thumbcaption, figcaption, .gallerytext, .mbox-text"
_BLOCKS = """
p div section article main header ul ol dl li dt dd table tbody thead tfoot caption tr td th
blockquote pre center details summary address fieldset
"""
BLOCKS = frozenset(_BLOCKS.split())
"""The tags that begin and end a line."""


def apparatus(node: LexborNode) -> bool:
    """Whether ``node`` belongs to the page rather than to what the article says."""
    attributes = node.attributes
    if node.tag in _APPARATUS_TAGS or attributes.get("id") in _APPARATUS_IDS:
        return True
    if attributes.get("role") in _APPARATUS_ROLES:
        return True
    names = (attributes.get("class") or "").split()
    return "noprint" in names or not _APPARATUS_CLASSES.isdisjoint(names)


def pictures(node: LexborNode) -> bool:
    """Whether ``node`` is a picture, a gallery or a sound with its caption."""
    names = (node.attributes.get("class") or "").split()
    return node.tag in _PICTURES or not _PICTURES.isdisjoint(names)
