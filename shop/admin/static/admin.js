// Comforts for the desk; every page works without them.
for (const form of document.querySelectorAll("[data-unsaved]")) {
  let changed = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  addEventListener("beforeunload", (event) => { if (changed && !form.dataset.kept) event.preventDefault(); });
}

// What is typed into a product is kept as a draft each time its writer pauses.
for (const form of document.querySelectorAll("[data-draft]")) {
  const state = form.querySelector("[data-draft-state]");
  if (!state) continue;
  let waiting, ended = false;
  const keep = async () => {
    if (ended) return;
    const answer = await fetch(form.dataset.draft, { method: "POST", body: new URLSearchParams(new FormData(form)) }).catch(() => null);
    if (!answer?.ok || ended) return;
    form.dataset.kept = "1";
    state.textContent = state.dataset.kept + " " + new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  };
  form.addEventListener("input", () => {
    delete form.dataset.kept;
    clearTimeout(waiting);
    waiting = setTimeout(keep, 1500);
  });
  form.addEventListener("submit", () => { ended = true; clearTimeout(waiting); });
}

for (const button of document.querySelectorAll("[data-take]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const field = document.querySelector(`[name="${button.dataset.take}"]`);
    field.value = button.dataset.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
}

for (const zone of document.querySelectorAll("[data-drop]")) {
  const input = zone.querySelector("input[type=file]");
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    input.files = event.dataTransfer.files;
    zone.requestSubmit();
  });
}

// A double click sends a form once.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    addEventListener("pageshow", () => delete form.dataset.sent, { once: true });
  });
}
