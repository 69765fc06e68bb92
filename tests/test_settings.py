"""Tests of chat/settings.py: which setting wins, and which values and homes cannot be used."""

import os

import pytest
from pydantic import ValidationError

from chat.settings import LLM_SECONDS, Settings, read_settings
from ingest.errors import ConfigError


@pytest.fixture
def environment(monkeypatch):
    """Return a function that sets these variables of ours, and no others."""

    def set_variables(**variables):
        for name in [name for name in os.environ if name.lower().startswith("dalel_")]:
            monkeypatch.delenv(name)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    set_variables()
    return set_variables


@pytest.fixture
def platform_folder(tmp_path, monkeypatch):
    """Point the platform's data folder into the test's own folder, on every platform."""
    folder = tmp_path / "платформа"
    monkeypatch.setattr("platformdirs.user_data_dir", lambda name, **_: str(folder / name))
    return folder / "dalel"


@pytest.mark.parametrize("home", [None, ""])
@pytest.mark.parametrize("variables", [{}, {"DALEL_HOME": ""}, {"dalel_home": "/x"}])
def test_the_platform_folder_comes_last(platform_folder, environment, home, variables):
    environment(**variables)
    assert read_settings(home=home).home == platform_folder


def test_the_platform_folder_may_not_be_a_file_either(platform_folder, environment):
    platform_folder.parent.mkdir()
    platform_folder.touch()
    with pytest.raises(ConfigError, match="is a file, expected a folder"):
        read_settings()


def test_the_environment_goes_before_the_platform_folder(platform_folder, environment, tmp_path):
    environment(DALEL_HOME=str(tmp_path / "орта"), DALEL_MODEL="BAAI/bge-m3")
    assert read_settings() == Settings(home=tmp_path / "орта", model="BAAI/bge-m3")


def test_an_argument_goes_before_the_environment(environment, tmp_path):
    environment(DALEL_HOME=str(tmp_path / "орта"), DALEL_MODEL="BAAI/bge-m3", DALEL_LLM="a:b")
    settings = read_settings(home=str(tmp_path / "үй"), model="e5", llm="openai:әдеби-модель")
    assert settings.home == tmp_path / "үй"
    assert (settings.model, settings.llm) == ("e5", "openai:әдеби-модель")


def test_a_store_is_named_like_a_model(environment):
    assert read_settings().store is None
    environment(DALEL_STORE="milvus:http://қойма:19530")
    assert read_settings().store == "milvus:http://қойма:19530"
    assert read_settings(store="faiss").store == "faiss"


def test_workers_are_named_like_a_store(environment):
    assert read_settings().workers is None
    environment(DALEL_WORKERS="ray:бас:6379")
    assert read_settings().workers == "ray:бас:6379"
    assert read_settings(workers="4").workers == "4"


@pytest.mark.parametrize("model", [None, ""])
@pytest.mark.parametrize("variables", [{}, {"DALEL_MODEL": ""}])
def test_no_model_is_none(environment, model, variables):
    environment(**variables)
    assert read_settings(model=model).model is None


def test_an_empty_argument_leaves_it_to_the_environment(environment):
    environment(DALEL_MODEL="e5", DALEL_THRESHOLD="0.5")
    settings = read_settings(model="", threshold=None)
    assert (settings.model, settings.threshold) == ("e5", 0.5)


def test_what_others_read_is_passed_over(environment):
    environment(DALEL_LOGIN="құпия", DALEL_MILVUS_TOKEN="құпия", HOME_DALEL="x")
    assert "құпия" not in repr(read_settings())


def test_no_file_is_read(environment, tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("DALEL_MODEL=файлдан\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert read_settings().model is None


def test_settings_never_change():
    settings = read_settings()
    with pytest.raises(ValidationError, match="frozen"):
        settings.model = "басқа"


def test_an_argument_that_is_no_setting_is_a_bug():
    with pytest.raises(ValidationError, match="tempreature"):
        read_settings(tempreature="0.5")


# --- the home -------------------------------------------------------------------------------------


def test_nothing_is_made(tmp_path):
    read_settings(home=str(tmp_path / "бір" / "екі"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("given_as", ["argument", "environment"])
def test_a_tilde_is_the_users_folder(environment, tmp_path, monkeypatch, given_as):
    monkeypatch.setenv("HOME", str(tmp_path))
    environment(DALEL_HOME="~/деректер")
    arguments = {"home": "~/деректер"} if given_as == "argument" else {}
    assert read_settings(**arguments).home == tmp_path / "деректер"


def test_a_relative_home_is_below_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert read_settings(home="құжат үй").home == tmp_path / "құжат үй"
    assert read_settings(home=".").home == tmp_path


@pytest.mark.parametrize(
    "name", ["үй", "бос орын", "жол\nбөлінді", "-k", "😀", "ұ" * 100, "a%s{}$x", "\udcff"]
)
def test_any_folder_name_can_be_a_home(environment, tmp_path, name):
    (tmp_path / name).mkdir()
    assert read_settings(home=str(tmp_path / name)).home == tmp_path / name
    environment(DALEL_HOME=str(tmp_path / name))
    assert read_settings().home == tmp_path / name


@pytest.mark.parametrize("below", ["", "индекс", "бір/екі/үш"])
def test_a_file_cannot_be_a_home(tmp_path, below):
    (tmp_path / "файл.txt").write_text("мәтін", "utf-8")
    with pytest.raises(ConfigError, match="a file, expected a folder") as caught:
        read_settings(home=str(tmp_path / "файл.txt" / below))
    assert repr(str(tmp_path / "файл.txt" / below)) in str(caught.value)


def test_a_device_cannot_be_a_home():
    with pytest.raises(ConfigError, match="expected a folder"):
        read_settings(home="/dev/null")


@pytest.mark.parametrize("home", ["a\x00b", "\x00", "ұ" * 5_000, "~жоқ-адам/үй", "/proc/\x00/ә"])
def test_an_impossible_home_is_an_error(environment, home):
    with pytest.raises(ConfigError, match=r"the home .* cannot be used \("):
        read_settings(home=home)
    if "\x00" not in home:  # No variable can hold one.
        environment(DALEL_HOME=home)
        with pytest.raises(ConfigError, match=r"the home .* cannot be used \("):
            read_settings()


def test_a_link_to_a_folder_is_a_home(tmp_path):
    (tmp_path / "сілтеме").symlink_to(tmp_path)
    assert read_settings(home=str(tmp_path / "сілтеме")).home.samefile(tmp_path)


# --- the others -----------------------------------------------------------------------------------


def test_reranker_and_threshold_are_read_likewise(environment):
    environment(DALEL_RERANKER="BAAI/bge-reranker-v2-m3", DALEL_THRESHOLD="0.25")
    settings = read_settings()
    assert (settings.reranker, settings.threshold) == ("BAAI/bge-reranker-v2-m3", 0.25)
    settings = read_settings(reranker="а", threshold="0")
    assert (settings.reranker, settings.threshold) == ("а", 0.0)
    environment(DALEL_RERANKER="", DALEL_THRESHOLD="")
    settings = read_settings()
    assert (settings.reranker, settings.threshold) == (None, None)


@pytest.mark.parametrize("threshold", ["жарты", "-0.1", "1.01", "nan", "inf", "0,5", " "])
def test_a_threshold_is_a_share(environment, threshold):
    environment(DALEL_THRESHOLD=threshold)
    for arguments in ({}, {"threshold": threshold}):
        with pytest.raises(ConfigError, match="expected a number from 0") as caught:
            read_settings(**arguments)
        assert repr(threshold) in caught.value.line()


@pytest.mark.parametrize("value", ["0", "-1", "x", "ұзақ", "nan", "3601", "inf"])
def test_a_language_models_time_is_a_number_of_seconds(environment, value):
    environment(DALEL_LLM_SECONDS=value)
    for arguments in ({}, {"llm_seconds": value}):
        with pytest.raises(ConfigError, match="expected a number from 1 to 3600") as caught:
            read_settings(**arguments)
        assert repr(value) in caught.value.line()


def test_a_language_model_has_its_time_and_its_server(environment):
    assert read_settings().llm_seconds == LLM_SECONDS
    environment(DALEL_LLM_SECONDS="2.5", DALEL_LLM_BASE_URL="http://127.0.0.1:9/v1")
    settings = read_settings()
    assert (settings.llm_seconds, settings.llm_base_url) == (2.5, "http://127.0.0.1:9/v1")


@pytest.mark.parametrize("value", ["MARK", "қалдыр", "keep"])
def test_what_is_not_supported_is_marked_or_dropped(environment, value):
    with pytest.raises(ConfigError, match="expected mark or drop"):
        read_settings(llm_unsupported=value)
    environment(DALEL_LLM_UNSUPPORTED="drop")
    assert read_settings().llm_unsupported == "drop"
