"""config/README.md has a row for every option."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_about_the_configuration_is_up_to_date():
    spec = importlib.util.spec_from_file_location("make_config_readme", ROOT / "docs/make_config_readme.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = (ROOT / "config/README.md").read_text(encoding="utf-8")
    assert page == module.page(), "run: python docs/make_config_readme.py"
    for option in ("review.title", "search.sources.<name>.runs[].declared", "screening.people.<name>.until"):
        assert f"| `{option}` |" in page
