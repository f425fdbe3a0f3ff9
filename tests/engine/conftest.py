"""The engines' common tests are told in full where they fail."""

import pytest

pytest.register_assert_rewrite("tests.engine.conformance")
