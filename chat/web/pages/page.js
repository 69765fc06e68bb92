// What the page needs beyond Gradio: documents open beside the answer, quotes can be copied, and a
// question can be put back into the box. Without it every link still works, in a tab of its own.
"use strict";
(() => {
  const words = () => document.querySelector(".dalel-head")?.dataset ?? {};
  const isWide = () => matchMedia("(min-width: 52.01rem)").matches;

  // --- the panel: a place of a document, the others of the same answer a key away ---------------

  let places = [];  // Links of the answer, each place once, in the order in which they are cited.
  let at = 0;
  let opener = null;

  function element(name, properties = {}, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  function panel() {
    const found = document.getElementById("dalel-document");
    if (found) return found;
    const told = words();
    const button = (id, text, label, keys, does) => {
      const made = element("button", { type: "button", id, textContent: text });
      if (label) made.setAttribute("aria-label", label);
      if (label) made.title = label;
      if (keys) made.setAttribute("aria-keyshortcuts", keys);
      made.addEventListener("click", does);
      return made;
    };
    const frame = element("iframe", { title: told.document ?? "" });
    const copy = button("dalel-panel-copy", told.copyLabel ?? "", "", "", () => {});
    Object.assign(copy.dataset, { copy: "", copied: told.copied, notCopied: told.notCopied });
    const dialog = element("dialog", { id: "dalel-document" },
      element("header", {},
        element("h2", { id: "dalel-panel-title" }),
        button("dalel-panel-close", told.close ?? "×", "", "Escape", () => dialog.close()),
        element("span", { id: "dalel-panel-steps" },
          button("dalel-panel-previous", "←", told.previous, "ArrowLeft K", () => step(-1)),
          element("span", { id: "dalel-panel-place", role: "status" }),
          button("dalel-panel-next", "→", told.next, "ArrowRight J", () => step(1))),
        copy,
        element("a", { id: "dalel-panel-tab", target: "_blank", rel: "noopener",
          textContent: told.tab ?? "" })),
      frame);
    dialog.setAttribute("aria-labelledby", "dalel-panel-title");
    // No script runs inside; ours may listen there, for keys and for the focus, which no style of
    // the page knows of.
    frame.setAttribute("sandbox", "allow-same-origin");
    frame.addEventListener("load", () => {
      frame.classList.add("dalel-loaded");
      frame.contentDocument?.addEventListener("keydown", pressed);
      frame.contentDocument?.addEventListener("click", (event) => followed(event, frame));
      for (const name of ["focus", "blur"])
        frame.contentWindow?.addEventListener(name, () =>
          frame.classList.toggle("dalel-focused", name === "focus"));
    });
    dialog.addEventListener("keydown", pressed);
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", closed);
    document.body.append(dialog);
    return dialog;
  }

  function pressed(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const does = {
      Escape: () => panel().close(),
      ArrowLeft: () => step(-1), k: () => step(-1),
      ArrowRight: () => step(1), j: () => step(1),
    }[event.key];
    if (!does) return;
    event.preventDefault();
    event.stopPropagation();
    does();
  }

  // A link in the document leads on in its place, as in `show`.
  function followed(event, frame) {
    const link = event.target.closest?.("a[href]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    panel().querySelector("#dalel-panel-tab").href = link.href;
    panel().querySelector("#dalel-panel-copy").hidden = link.href !== places[at].href;
    frame.contentWindow.location.replace(link.href);
  }

  const marksLikeThis = () => [...document.querySelectorAll(".dalel-answer a.dalel-mark")]
    .filter((mark) => mark.href === places[at].href);

  function show() {
    const link = places[at];
    const dialog = panel();
    const part = (name) => dialog.querySelector(`#dalel-panel-${name}`);
    part("title").textContent = link.dataset.title ?? link.textContent;
    part("steps").hidden = places.length < 2;
    part("place").textContent = (words().place ?? "# / ##")
      .replace("##", places.length).replace("#", at + 1);
    part("previous").disabled = at === 0;
    part("next").disabled = at === places.length - 1;
    part("copy").hidden = !link.dataset.quote;
    part("copy").dataset.copy = link.dataset.quote ?? "";
    part("tab").href = link.href;
    for (const mark of document.querySelectorAll("a.dalel-mark[aria-current]"))
      mark.removeAttribute("aria-current");
    for (const mark of marksLikeThis()) mark.setAttribute("aria-current", "true");
    // In place of the last one: the way back in the browser is not the way through the places.
    const frame = dialog.querySelector("iframe");
    if (frame.src) frame.contentWindow.location.replace(link.href);
    else frame.src = link.href;
  }

  function step(by) {
    const next = Math.min(Math.max(at + by, 0), places.length - 1);
    if (next === at) return;
    at = next;
    show();
    // A button that is disabled loses the focus, and with it the keys.
    if (document.activeElement === document.body) panel().querySelector("#dalel-panel-close").focus();
  }

  function open(link) {
    const turn = link.closest(".dalel-turn");
    const links = [...(turn?.querySelectorAll("a.dalel-mark, a.dalel-place") ?? [])];
    const byAddress = new Map(links.reverse().map((each) => [each.href, each]));
    places = [...byAddress.values()].reverse();
    at = places.findIndex((each) => each.href === link.href);
    if (at < 0) [places, at] = [[link], 0];
    opener = link;
    const dialog = panel();
    show();
    if (!dialog.open && isWide()) dialog.show();
    else if (!dialog.open) {
      dialog.showModal();
      // Over all else on a phone, where people leave with Back.
      history.pushState({ dalel: true }, "");
    }
    document.documentElement.classList.add("dalel-reading");
    dialog.querySelector("#dalel-panel-close").focus();
  }

  function closed() {
    const mark = opener?.href === places[at].href ? opener : marksLikeThis()[0];
    document.documentElement.classList.remove("dalel-reading");
    for (const each of marksLikeThis()) each.removeAttribute("aria-current");
    if (history.state?.dalel) history.back();
    panel().remove();  // With its frame: the next one begins with an empty history.
    mark?.focus();
  }

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const link = event.target.closest?.("a.dalel-mark, a.dalel-open");
    if (!link) return;
    event.preventDefault();
    open(link);
  });
  addEventListener("popstate", () => document.getElementById("dalel-document")?.close());
  document.addEventListener("keydown", (event) => {
    const dialog = document.getElementById("dalel-document");
    if (event.key === "Escape" && dialog?.open) dialog.close();
  });

  // --- a document lists what this conversation asked of it: said by a cookie, since an address would
  // --- tell whoever gets the link -----------------------------------------------------------------

  const tellConversation = () => {
    const key = words().conversation;
    const path = new URL("../document", location).pathname;
    const secure = location.protocol === "https:" ? ";secure" : "";
    if (/^[\w-]{1,64}$/.test(key)) document.cookie = `dalel-conversation=${key};path=${path};samesite=strict${secure}`;
  };
  // Before each link is followed, for another tab may be in another conversation.
  for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, tellConversation, true);

  // --- buttons ----------------------------------------------------------------------------------

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

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[data-ask]");
    const box = document.querySelector("#dalel-composer textarea");
    if (!button || !box) return;
    box.value = button.dataset.ask;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
  });

  // --- what a source in another language has on demand: why it was found, a translation ---------

  async function fetched(path, body) {
    try {
      const answer = await fetch(path, { method: "POST", body,
        headers: { "content-type": "application/json" } });
      // What is no HTML of ours is not for readers.
      if (answer.ok && answer.headers.get("content-type")?.startsWith("text/html"))
        return await answer.text();
    } catch { /* The server is away: told below. */ }
    return element("p", { className: "dalel-note bad", textContent: words().notLoaded }).outerHTML;
  }

  document.addEventListener("toggle", async (event) => {
    const details = event.target;
    if (!details.open || !details.dataset?.align) return;
    const body = details.dataset.align;
    delete details.dataset.align;  // Once: it stays the same.
    const told = await fetched("../alignment", body);
    details.querySelector(".dalel-pairs").innerHTML = told;
    if (told.includes("dalel-note bad")) details.dataset.align = body;
  }, true);  // It does not bubble.

  document.addEventListener("click", (event) => {
    const word = event.target.closest?.("button.dalel-pair");
    if (!word) return;
    const pair = [...word.closest(".dalel-pairs").querySelectorAll(".dalel-pair")]
      .filter((each) => each.dataset.pair === word.dataset.pair);
    pair.find((each) => each.parentElement !== word.parentElement)?.focus();
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("button[data-translate]");
    if (!button || button.ariaBusy) return;
    const label = button.textContent;
    Object.assign(button, { ariaBusy: "true", textContent: button.dataset.waiting });
    const place = button.closest(".dalel-card").querySelector(".dalel-translation");
    place.innerHTML = await fetched("../translation", button.dataset.translate);
    Object.assign(button, { ariaBusy: null, textContent: label });
    // Translated, it has nothing more to do; whoever pressed it goes on at the translation.
    if (!place.querySelector(".dalel-translated")) return;
    if (document.activeElement === button) place.focus();
    button.hidden = true;
  });

  // --- where files are dropped, Gradio's own label is English; what it shows is not --------------

  const nameDropZone = () => {
    const zone = document.querySelector("#dalel-add button[aria-label^='Click to upload']");
    const shown = zone?.textContent.replace(/\s+/g, " ").trim();
    if (shown) zone.setAttribute("aria-label", shown);
  };

  // So is what it says of a file that is too large, which no server sees.
  const nameTooLarge = () => {
    for (const said of document.querySelectorAll("[data-testid=toast-text]")) {
      const file = said.textContent.match(/ exceed the maximum allowed size of [^:]*: (.*)/s)?.[1];
      if (!file) continue;
      said.textContent = words().tooLarge.replace("#", file);
      const toast = said.closest("[data-testid=toast-body]");
      toast?.querySelector(".toast-title")?.firstChild?.replaceWith(words().error);
      toast?.querySelector("[data-testid=toast-close]")?.setAttribute("aria-label", words().close);
    }
  };

  // --- a new question is brought to the top, once, where its answer is read ---------------------

  let newest = "";
  new MutationObserver(() => {
    nameDropZone();
    nameTooLarge();
    document.getElementById("dalel-last")?.setAttribute("aria-live", "polite");
    const turn = document.querySelector("#dalel-last .dalel-turn");
    if (!turn || turn.id === newest) return;
    newest = turn.id;
    document.getElementById("dalel-document")?.close();
    turn.scrollIntoView({ block: "start", behavior: "instant" });
  }).observe(document.documentElement, { childList: true, subtree: true });

  const language = location.pathname.match(/\/(kk|en|ru)\/$/)?.[1];
  if (language) document.documentElement.lang = language;
})();
