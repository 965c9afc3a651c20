// Small comforts; every page works without them.
document.documentElement.classList.add("scripted");

const count = document.cookie.match(/(?:^|; )(?:__Host-)?boutique-count=(\d+)/);
const mark = document.querySelector("[data-cart-count]");
if (count && mark && count[1] !== "0") {
  mark.textContent = count[1];
  mark.hidden = false;
}

for (const field of document.querySelectorAll("[data-submit]")) {
  field.addEventListener("change", () => field.form.requestSubmit());
}

// What depends on the place or the way of delivery is asked for anew, without leaving the form.
let asked;
async function update(form) {
  asked?.abort();
  asked = new AbortController();
  const body = new URLSearchParams(new FormData(form));
  body.set("action", "update");
  const answer = await fetch(form.getAttribute("action"), { method: "POST", body, signal: asked.signal });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!answer.ok || !fresh.querySelector("[data-live]")) return form.querySelector("[value=update]").click();
  for (const part of form.querySelectorAll("[data-live]")) {
    const next = document.importNode(fresh.getElementById(part.id), true);
    const at = part.contains(document.activeElement) && document.activeElement;
    // What was typed while the answer was on its way stays.
    for (const field of part.querySelectorAll("input:not([type=radio], [type=hidden])")) {
      const same = next.querySelector(`[name="${CSS.escape(field.name)}"]`);
      if (same) same.value = field.value;
    }
    part.replaceWith(next);
    if (at) form.querySelector(at.id ? `#${CSS.escape(at.id)}` : `#${part.id} [value="${CSS.escape(at.value)}"]`)?.focus();
  }
}

document.querySelector("form.checkout")?.addEventListener("change", (event) => {
  if (!event.target.closest("[data-update], [name=shipping_option]")) return;
  update(event.currentTarget).catch((error) => { if (error.name !== "AbortError") throw error; });
});

const wrong = document.querySelector("[data-focus]");
if (wrong) wrong.focus();

// A double click sends a form once.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent && !form.matches("[data-stepper]")) event.preventDefault();
    form.dataset.sent = "1";
    addEventListener("pageshow", () => delete form.dataset.sent, { once: true });
  });
}

// The whole photograph first; a click, or Enter, shows its grain around that place.
for (const link of document.querySelectorAll("[data-zoom]")) {
  link.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    const viewer = document.createElement("dialog");
    viewer.className = "viewer";
    const scroll = document.createElement("div");
    scroll.className = "viewer-scroll fit";
    scroll.tabIndex = 0;
    const photo = document.createElement("img");
    photo.src = link.href;
    photo.alt = link.querySelector(".photo-sharp").alt;
    scroll.append(photo);
    const toggle = (x, y) => {
      const fit = scroll.classList.toggle("fit");
      if (!fit) scroll.scrollTo({ left: x * scroll.scrollWidth - scroll.clientWidth / 2, top: y * scroll.scrollHeight - scroll.clientHeight / 2 });
    };
    photo.addEventListener("click", (at) => toggle(at.offsetX / photo.clientWidth, at.offsetY / photo.clientHeight));
    scroll.addEventListener("keydown", (key) => { if (key.key === "Enter" || key.key === " ") { key.preventDefault(); toggle(.5, .5); } });
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "×";
    close.setAttribute("aria-label", link.dataset.close);
    close.addEventListener("click", () => viewer.close());
    viewer.append(scroll, close);
    viewer.addEventListener("close", () => { viewer.remove(); link.focus(); });
    document.body.append(viewer);
    viewer.showModal();
  });
}

// The chosen variant's own photograph comes first by the style sheet; the gallery goes back to it.
document.querySelector(".variants")?.addEventListener("change", (event) => {
  const own = event.target.className.match(/own-(\d+)/);
  const gallery = document.querySelector(".gallery-photos");
  if (own && gallery) gallery.scrollTo({ left: 0 });
});
