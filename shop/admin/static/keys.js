// The desk by keyboard: lists, the command palette and the sheet of shortcuts.
const rows = () => [...document.querySelectorAll("[data-list] tbody tr")];

function move(by) {
  const list = rows();
  if (!list.length) return;
  const now = list.findIndex((row) => row.classList.contains("current"));
  const next = list[Math.max(0, Math.min(list.length - 1, now + by))];
  list.forEach((row) => row.classList.toggle("current", row === next));
  next.querySelector("a")?.focus();
}

// On a phone the rail is wider than the page: it shows where one is.
const rail = document.querySelector(".rail nav");
const at = rail?.querySelector("[aria-current]");
if (at) rail.scrollLeft = at.offsetLeft - rail.clientWidth / 3;

const palette = document.getElementById("palette");
const input = document.getElementById("palette-input");
const listbox = document.getElementById("palette-list");
const sheet = document.getElementById("shortcuts");
const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

// Where the palette can lead: what the page itself offers, and every place of the desk.
const places = () => [...document.querySelectorAll("main .tabs a, main a.button, main a.button-small, #palette [data-place]")]
  .map((a) => ({ name: a.textContent.trim(), href: a.dataset.place ?? a.href }));

let chosen = 0;

function choose(n) {
  const options = [...listbox.children];
  chosen = Math.max(0, Math.min(options.length - 1, n));
  options.forEach((option, i) => option.setAttribute("aria-selected", String(i === chosen)));
  input.setAttribute("aria-activedescendant", options[chosen]?.id ?? "");
  options[chosen]?.scrollIntoView({ block: "nearest" });
}

function fill() {
  const wanted = fold(input.value.trim());
  const found = places().filter((place) => fold(place.name).includes(wanted));
  if (wanted) {
    for (const a of palette.querySelectorAll("[data-find]")) {
      found.push({ name: `${a.textContent} « ${input.value.trim()} »`, href: a.dataset.find + encodeURIComponent(input.value.trim()) });
    }
  }
  listbox.replaceChildren(...found.map((place, i) => {
    const option = document.createElement("li");
    option.id = `palette-${i}`;
    option.role = "option";
    option.textContent = place.name;
    option.dataset.href = place.href;
    return option;
  }));
  choose(0);
}

function openPalette() {
  input.value = "";
  fill();
  palette.showModal();
}

if (palette) {
  input.addEventListener("input", fill);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      const href = listbox.children[chosen]?.dataset.href;
      if (href) location.assign(href);
    }
  });
  listbox.addEventListener("click", (event) => {
    const option = event.target.closest("[data-href]");
    if (option) location.assign(option.dataset.href);
  });
  for (const button of document.querySelectorAll("[data-shortcuts]")) {
    button.hidden = false;
    button.addEventListener("click", () => sheet.showModal());
  }
}

addEventListener("keydown", (event) => {
  if (palette && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    if (!palette.open) openPalette();
    return;
  }
  if (event.target.closest("input, textarea, select, [contenteditable]") || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  switch (event.key) {
    case "/": {
      const search = document.querySelector("[data-slash]");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
      break;
    }
    case "j": move(1); break;
    case "k": move(-1); break;
    case "x": document.querySelector("tr.current input[type=checkbox]")?.click(); break;
    case "?": sheet?.showModal(); break;
  }
});
