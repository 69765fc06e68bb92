"""Tests of chat/config.py: which setting wins, and which homes cannot be used."""

import pytest

from chat.config import Settings, read_settings
from ingest.errors import ConfigError


@pytest.fixture
def platform_folder(tmp_path, monkeypatch):
    """Point the platform's data folder into the test's own folder, on every platform."""
    folder = tmp_path / "платформа"
    monkeypatch.setattr("platformdirs.user_data_dir", lambda name, **_: str(folder / name))
    return folder / "dalel"


@pytest.mark.parametrize("home", [None, ""])
@pytest.mark.parametrize("environment", [{}, {"DALEL_HOME": ""}, {"dalel_home": "/x"}])
def test_the_platform_folder_comes_last(platform_folder, home, environment):
    assert read_settings(home=home, environment=environment).home == platform_folder


def test_the_environment_goes_before_the_platform_folder(platform_folder, tmp_path):
    environment = {"DALEL_HOME": str(tmp_path / "орта"), "DALEL_MODEL": "BAAI/bge-m3"}
    expected = Settings(home=tmp_path / "орта", model="BAAI/bge-m3")
    assert read_settings(environment=environment) == expected


def test_an_argument_goes_before_the_environment(tmp_path):
    environment = {"DALEL_HOME": str(tmp_path / "орта"), "DALEL_MODEL": "BAAI/bge-m3"}
    found = read_settings(home=str(tmp_path / "үй"), model="e5", environment=environment)
    assert found == Settings(home=tmp_path / "үй", model="e5")


def test_the_real_environment_is_read(tmp_path, monkeypatch):
    monkeypatch.setenv("DALEL_HOME", str(tmp_path / "құжаттар"))
    monkeypatch.setenv("DALEL_MODEL", "e5")
    assert read_settings() == Settings(home=tmp_path / "құжаттар", model="e5")


@pytest.mark.parametrize("model", [None, ""])
@pytest.mark.parametrize("environment", [{}, {"DALEL_MODEL": ""}])
def test_no_model_is_none(tmp_path, model, environment):
    assert read_settings(home=str(tmp_path), model=model, environment=environment).model is None


def test_nothing_is_made(tmp_path):
    read_settings(home=str(tmp_path / "бір" / "екі"), environment={})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("given_as", ["home", "environment"])
def test_a_tilde_is_the_users_folder(tmp_path, monkeypatch, given_as):
    monkeypatch.setenv("HOME", str(tmp_path))
    values = {"home": "~/деректер"} if given_as == "home" else {}
    settings = read_settings(**values, environment={"DALEL_HOME": "~/деректер"})
    assert settings.home == tmp_path / "деректер"


def test_a_relative_home_is_below_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert read_settings(home="құжат үй", environment={}).home == tmp_path / "құжат үй"
    assert read_settings(home=".", environment={}).home == tmp_path


@pytest.mark.parametrize(
    "name", ["үй", "бос орын", "жол\nбөлінді", "-k", "😀", "ұ" * 100, "a%s{}$x"]
)
def test_any_folder_name_can_be_a_home(tmp_path, name):
    (tmp_path / name).mkdir()
    assert read_settings(home=str(tmp_path / name), environment={}).home == tmp_path / name


@pytest.mark.parametrize("below", ["", "индекс", "бір/екі/үш"])
def test_a_file_cannot_be_a_home(tmp_path, below):
    (tmp_path / "файл.txt").write_text("мәтін", "utf-8")
    with pytest.raises(ConfigError, match="a file, expected a folder") as caught:
        read_settings(home=str(tmp_path / "файл.txt" / below), environment={})
    assert repr(str(tmp_path / "файл.txt" / below)) in str(caught.value)


def test_a_device_cannot_be_a_home():
    with pytest.raises(ConfigError, match="expected a folder"):
        read_settings(home="/dev/null", environment={})


@pytest.mark.parametrize("home", ["a\x00b", "\x00", "ұ" * 5_000, "~жоқ-адам/үй", "/proc/\x00/ә"])
def test_an_impossible_home_is_an_error(home):
    for given in ({"home": home}, {"environment": {"DALEL_HOME": home}}):
        with pytest.raises(ConfigError, match=r"the home .* cannot be used \("):
            read_settings(**{"environment": {}} | given)


def test_a_link_to_a_folder_is_a_home(tmp_path):
    (tmp_path / "сілтеме").symlink_to(tmp_path)
    assert read_settings(home=str(tmp_path / "сілтеме"), environment={}).home.samefile(tmp_path)


def test_reranker_and_threshold_are_read_likewise(tmp_path):
    environment = {"DALEL_RERANKER": "BAAI/bge-reranker-v2-m3", "DALEL_THRESHOLD": "0.25"}
    home = str(tmp_path)
    found = read_settings(home=home, environment=environment)
    assert (found.reranker, found.threshold) == ("BAAI/bge-reranker-v2-m3", 0.25)
    found = read_settings(home=home, reranker="а", threshold="0", environment=environment)
    assert (found.reranker, found.threshold) == ("а", 0.0)
    found = read_settings(home=home, environment={"DALEL_RERANKER": "", "DALEL_THRESHOLD": ""})
    assert (found.reranker, found.threshold) == (None, None)


@pytest.mark.parametrize("threshold", ["жарты", "-0.1", "1.01", "nan", "inf", "0,5", " "])
def test_a_threshold_is_a_share(tmp_path, threshold):
    with pytest.raises(ConfigError, match="expected a number from 0") as caught:
        read_settings(home=str(tmp_path), threshold=threshold, environment={})
    assert repr(threshold) in caught.value.line()


@pytest.mark.parametrize("value", ["0", "-1", "x", "ұзақ", "nan", "3601", "inf"])
def test_a_language_models_time_is_a_number_of_seconds(value):
    with pytest.raises(ConfigError, match="expected a number from 1 to 3600"):
        read_settings(llm_seconds=value)


@pytest.mark.parametrize("value", ["MARK", "қалдыр", "keep"])
def test_what_is_not_supported_is_marked_or_dropped(value):
    with pytest.raises(ConfigError, match="expected mark or drop"):
        read_settings(llm_unsupported=value)
    assert read_settings(environment={"DALEL_LLM_UNSUPPORTED": "drop"}).llm_unsupported == "drop"
