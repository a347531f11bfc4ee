"""The YAML files that come with the code."""

import pytest
import yaml

from prismake.data_files import DATA, read_data


@pytest.mark.parametrize("name", sorted(path.relative_to(DATA).as_posix() for path in DATA.rglob("*.yaml")))
def test_a_file_is_read_the_same_where_the_fast_loader_is_missing(name: str):
    assert yaml.safe_load((DATA / name).read_text(encoding="utf-8")) == read_data(name)
