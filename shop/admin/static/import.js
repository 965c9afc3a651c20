// How far an import has come, without reading the page again; without it, the page has a link to itself.
const state = document.querySelector("[data-import]");
const again = async () => {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = page.querySelector("[data-import]");
      if (!now || now.dataset.import !== state.dataset.import) return location.reload();
      state.replaceChildren(...now.childNodes);
    }
  } catch { /* The line is broken: the next look may succeed. */ }
  setTimeout(again, 1500);
};
setTimeout(again, 1500);
