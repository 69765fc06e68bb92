"use strict";
// Filters for the list of questions. The page reads well without them: all questions are there.
(() => {
  const questions = [...document.querySelectorAll("details.question")];
  const form = document.querySelector("form.filters");
  if (!form) return;
  const names = ["text", "failure", "tag", "direction"];
  const fields = names.map((name) => form.elements[name]);
  const output = form.querySelector("output");

  const fits = (question, [text, failure, tag, direction]) =>
    question.dataset.text.includes(text.trim().toLowerCase()) &&
    (!failure || question.dataset.failures.split(" ").includes(failure)) &&
    (!tag || JSON.parse(question.dataset.tags).includes(tag)) &&
    (!direction || question.dataset.direction === direction);

  const show = () => {
    const wanted = fields.map((field) => (field ? field.value : ""));
    let count = 0;
    for (const question of questions) {
      question.hidden = !fits(question, wanted);
      if (!question.hidden) count += 1;
    }
    output.textContent = output.dataset.shown.replace("{shown}", count)
      .replace("{total}", questions.length);
  };

  // An address that somebody typed may hold a bare %.
  const decoded = (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };

  // A link to one question, #q-ID, opens it; a link #failure=NAME filters.
  const follow = () => {
    const hash = decoded(location.hash.slice(1));
    const [name, value] = hash.split(/=(.*)/s);
    if (value !== undefined && names.includes(name)) {
      form.reset();
      form.elements[name].value = value;
      show();
      form.scrollIntoView();
      return;
    }
    const question = hash && document.getElementById(hash);
    if (question instanceof HTMLDetailsElement) {
      form.reset();
      show();
      question.open = true;
      question.scrollIntoView();
    }
  };

  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show));
  form.elements.all.addEventListener("click", () => {
    const shown = questions.filter((question) => !question.hidden);
    const open = shown.some((question) => !question.open);
    for (const question of shown) question.open = open;
  });
  // j and k go to the next and the one before, as in a mail reader.
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key !== "j" && event.key !== "k") return;
    const heads = questions.filter((q) => !q.hidden).map((q) => q.firstElementChild);
    const at = heads.indexOf(document.activeElement);
    const next = event.key === "j" ? at + 1 : at < 0 ? heads.length - 1 : at - 1;
    if (heads[next]) heads[next].focus();
  });
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = questions.filter((q) => !q.open && !q.hidden && q.dataset.failures !== "right");
    for (const question of closed) question.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const question of closed) question.open = false;
  });
  window.addEventListener("hashchange", follow);
  // A link that is followed a second time changes no hash.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (link && link.hash === location.hash) follow();
  });
  show();
  follow();
})();
