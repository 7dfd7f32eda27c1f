"""What a browser says of itself, in two words; all of it is hearsay, and good enough to know one's own computer again."""

BROWSERS = (
    ("coc_coc_browser", "Cốc Cốc"), ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung"),
    ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def told(agent: str) -> str:
    """ "Chrome · Windows"; empty for what is unknown. Earlier names go before later ones, which others claim to be too."""
    browser = next((name for sign, name in BROWSERS if sign in agent), "")
    system = next((name for sign, name in SYSTEMS if sign in agent), "")
    return " · ".join(one for one in (browser, system) if one)
