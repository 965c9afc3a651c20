// What a shopper may mean, under the search field while they type. Without it, the field searches.
const field = document.querySelector("[data-suggest]");
if (field) {
  const list = document.createElement("ul");
  list.id = "suggestions";
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.dataset.suggestLabel);
  field.form.append(list);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"]]) field.setAttribute(name, value);

  let asked, wait, at = -1;
  const close = () => {
    list.hidden = true;
    at = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const choose = (n) => {
    list.children[at]?.setAttribute("aria-selected", "false");
    at = (n + list.children.length + 1) % (list.children.length + 1);
    if (at === list.children.length) at = -1;
    list.children[at]?.setAttribute("aria-selected", "true");
    if (at < 0) field.removeAttribute("aria-activedescendant");
    else field.setAttribute("aria-activedescendant", list.children[at].id);
  };
  const show = (found) => {
    list.replaceChildren(...found.map((one, n) => {
      const line = document.createElement("li");
      line.id = `suggestion-${n}`;
      line.setAttribute("role", "option");
      line.setAttribute("aria-selected", "false");
      line.dataset.url = one.url;
      const name = document.createElement("span");
      name.textContent = one.name;
      const aside = document.createElement("span");
      aside.className = "suggestion-aside";
      aside.textContent = one.price || one.kind;
      line.append(name, aside);
      return line;
    }));
    at = -1;
    list.hidden = found.length === 0;
    field.setAttribute("aria-expanded", String(found.length > 0));
  };
  field.addEventListener("input", () => {
    clearTimeout(wait);
    asked?.abort();
    if (field.value.trim().length < 2) return close();
    wait = setTimeout(async () => {
      asked = new AbortController();
      try {
        const answer = await fetch(`${field.dataset.suggest}?q=${encodeURIComponent(field.value)}`, { signal: asked.signal });
        if (answer.ok) show(await answer.json());
      } catch (error) {
        if (error.name !== "AbortError") close();
      }
    }, 120);
  });
  field.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(event.key === "ArrowDown" ? at + 1 : at < 0 ? list.children.length - 1 : at - 1);
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      location.assign(list.children[at].dataset.url);
    }
  });
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const line = event.target.closest("[role=option]");
    if (line) location.assign(line.dataset.url);
  });
  field.addEventListener("blur", close);
}
