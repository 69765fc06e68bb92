// What the page needs beyond Gradio: documents open beside the answer, and quotes can be copied.
// Without it every link still works, in a tab of its own.
"use strict";
(() => {
  const head = () => document.querySelector(".dalel-head");

  function opened() {
    const found = document.getElementById("dalel-document");
    if (found) return found;
    const dialog = document.createElement("dialog");
    const close = document.createElement("button");
    const frame = document.createElement("iframe");
    dialog.id = "dalel-document";
    close.type = "button";
    close.textContent = head()?.dataset.close ?? "×";
    close.addEventListener("click", () => dialog.close());
    frame.title = head()?.dataset.document ?? "";
    // No script runs inside; ours may listen there, for Escape.
    frame.setAttribute("sandbox", "allow-same-origin");
    frame.addEventListener("load", () => frame.contentDocument?.addEventListener(
      "keydown", (event) => event.key === "Escape" && dialog.close()));
    dialog.append(close, frame);
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => frame.removeAttribute("src"));
    document.body.append(dialog);
    return dialog;
  }

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const link = event.target.closest?.("a.dalel-mark, a.dalel-open");
    if (!link) return;
    event.preventDefault();
    const dialog = opened();
    dialog.querySelector("iframe").src = link.href;
    dialog.setAttribute("aria-label", link.getAttribute("aria-label") ?? link.textContent);
    if (!dialog.open) dialog.showModal();
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("button[data-copy]");
    if (!button) return;
    const label = button.dataset.label ?? button.textContent;
    button.dataset.label = label;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = button.dataset.copied;
    } catch {
      button.textContent = button.dataset.notCopied;
    }
    setTimeout(() => (button.textContent = label), 2000);
  });

  // A new question is brought to the top, where its answer is read.
  let newest = "";
  new MutationObserver(() => {
    document.getElementById("dalel-last")?.setAttribute("aria-live", "polite");
    const turn = document.querySelector("#dalel-last .dalel-turn");
    const seen = turn && turn.id + !!turn.querySelector(".dalel-evidence");
    if (!turn || seen === newest) return;
    newest = seen;
    turn.scrollIntoView({ block: "start", behavior: "instant" });
  }).observe(document.documentElement, { childList: true, subtree: true });

  const language = location.pathname.match(/\/(kk|en|ru)\/$/)?.[1];
  if (language) document.documentElement.lang = language;
})();
