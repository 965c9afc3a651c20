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

for (const field of document.querySelectorAll("[data-update]")) {
  field.addEventListener("change", () => field.form.querySelector("[value=update]").click());
}

for (const radio of document.querySelectorAll(".method input[type=radio]")) {
  radio.addEventListener("change", () => radio.form.querySelector("[value=update]").click());
}

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

for (const link of document.querySelectorAll("[data-zoom]")) {
  link.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    const viewer = document.createElement("dialog");
    viewer.className = "viewer";
    const scroll = document.createElement("div");
    scroll.className = "viewer-scroll";
    scroll.tabIndex = 0;
    const photo = document.createElement("img");
    photo.src = link.href;
    photo.alt = link.querySelector(".photo-sharp").alt;
    scroll.append(photo);
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "×";
    close.setAttribute("aria-label", document.documentElement.lang === "fr" ? "Fermer" : "Close");
    close.addEventListener("click", () => viewer.close());
    viewer.append(scroll, close);
    viewer.addEventListener("close", () => { viewer.remove(); link.focus(); });
    document.body.append(viewer);
    viewer.showModal();
  });
}
