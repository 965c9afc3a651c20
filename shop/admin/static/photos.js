// The photo desk: pieces that go on where they stopped, order by hand and by keyboard, the focal point
// and the cut. Without it the forms do the same.
document.documentElement.classList.add("photos-scripted");

const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

// Uploads: one file after the other, in pieces of one megabyte. What was begun is remembered by the
// file's name, size and date, so that the same file goes on where it stopped, even another day.
const drop = document.querySelector("[data-uploads]");
if (drop) {
  const piece = 1 << 20, list = document.querySelector("[data-progress]"), words = drop.dataset;
  const queue = [];
  let working = false;

  const line = (file) => {
    const row = document.createElement("li"), name = document.createElement("span"), bar = document.createElement("progress"), said = document.createElement("span");
    name.textContent = file.name;
    bar.max = file.size;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    said.textContent = words.wait;
    row.append(name, bar, said);
    list.append(row);
    return { bar, say: (text, failed) => { said.textContent = text; row.classList.toggle("failed", !!failed); }, row };
  };

  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  // ask tries again while the line is down; a refusal is an answer.
  const ask = async (at, url, options) => {
    for (let wait = 1000; ; wait = Math.min(wait * 2, 15000)) {
      try {
        const answer = await fetch(url, { ...options, headers: { Accept: "application/json", ...options?.headers } });
        if (answer.status < 500) return { status: answer.status, body: await answer.json().catch(() => ({})) };
      } catch { /* the line is down */ }
      at.say(words.broken);
      await pause(wait);
    }
  };

  const send = async (file, at) => {
    const key = `photo:${drop.dataset.uploads}:${file.name}:${file.size}:${file.lastModified}`;
    let id = localStorage.getItem(key), start = 0;
    if (id) {
      const known = await ask(at, `/admin/uploads/${id}`);
      if (known.status === 200) start = known.body.received;
      else id = null;
    }
    if (!id) {
      const begun = await ask(at, drop.dataset.uploads, { method: "POST", body: new URLSearchParams({ name: file.name, size: file.size }) });
      if (begun.status !== 201) return at.say(begun.body.problem || words.again, true);
      id = begun.body.id;
      localStorage.setItem(key, id);
    }
    for (;;) {
      at.bar.value = start;
      const end = Math.min(start + piece, file.size);
      at.say(end === file.size ? words.check : words.going.replace("%", Math.round(100 * start / file.size)));
      const sent = await ask(at, `/admin/uploads/${id}?start=${start}`, { method: "PUT", body: file.slice(start, end), headers: { "Content-Type": "application/octet-stream" } });
      if (sent.status === 409 && sent.body.received > 0 && sent.body.received <= file.size && sent.body.received !== start) { start = sent.body.received; continue; }
      if (sent.status !== 200) {
        localStorage.removeItem(key);
        if (sent.status !== 201) return at.say(sent.body.problem || words.again, true);
        at.bar.value = file.size;
        return at.say(words.done);
      }
      start = sent.body.received;
    }
  };

  const work = async () => {
    if (working) return;
    working = true;
    for (let next; (next = queue.shift());) {
      try { await send(next.file, next.at); } catch { next.at.say(words.again, true); }
      await refresh();
    }
    working = false;
  };

  const take = (files) => {
    for (const stopped of document.querySelectorAll("[data-stopped]")) stopped.remove();
    for (const file of files) queue.push({ file, at: line(file) });
    work();
  };

  for (const input of drop.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => { take(input.files); input.value = ""; });
  }
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); drop.classList.remove("over"); take(event.dataTransfer.files); });
  addEventListener("beforeunload", (event) => { if (working) event.preventDefault(); });
}

// The desk is read again when something has changed, but never under the hands of who types in it.
async function refresh() {
  const desk = document.querySelector("[data-desk]");
  if (!desk || desk.contains(document.activeElement) || desk.querySelector(".moving, [data-saving]") || desk.dataset.typed) return false;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return false;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-desk]");
  if (!fresh || desk.contains(document.activeElement)) return false;
  const now = document.importNode(fresh, true);
  desk.replaceWith(now);
  now.querySelectorAll("[data-focal]").forEach(focal);
  return true;
}

document.addEventListener("input", (event) => {
  const desk = event.target.closest("[data-desk]");
  if (desk) desk.dataset.typed = "1";
});

setInterval(() => { if (document.querySelector("[data-pending]") && !document.hidden) refresh().catch(() => {}); }, 2500);

// Order: a handle is dragged, or moved by the arrow keys while it has the focus.
// The last order is what is kept: while one is on its way, the next waits and replaces those between.
let waiting, keeping = false;
async function keepOrder(list) {
  waiting = [...list.children].map((item) => ["photo", item.dataset.photo]);
  list.dataset.saving = "1";
  if (keeping) return;
  keeping = true;
  const said = document.querySelector("[data-said]");
  while (waiting) {
    const body = new URLSearchParams(waiting);
    waiting = undefined;
    try {
      const answer = await fetch(list.dataset.order, { method: "POST", body, redirect: "manual", keepalive: true });
      if (answer.type !== "opaqueredirect" && !answer.ok) said.textContent = said.dataset.failed;
    } catch { said.textContent = said.dataset.failed; }
  }
  keeping = false;
  delete list.dataset.saving;
}
addEventListener("beforeunload", (event) => { if (keeping) event.preventDefault(); });

function sayPlace(item) {
  const said = document.querySelector("[data-said]"), items = [...item.parentElement.children];
  said.textContent = said.dataset.moved.replace("#", items.indexOf(item) + 1).replace("#", items.length);
}

document.addEventListener("keydown", (event) => {
  const handle = event.target.closest("[data-handle]");
  if (!handle) return;
  const item = handle.closest("[data-photo]"), list = item.parentElement;
  const back = event.key === "ArrowUp" || event.key === "ArrowLeft", forth = event.key === "ArrowDown" || event.key === "ArrowRight";
  if (!back && !forth) return;
  event.preventDefault();
  if (back && item.previousElementSibling) item.previousElementSibling.before(item);
  else if (forth && item.nextElementSibling) item.nextElementSibling.after(item);
  else return;
  handle.focus();
  sayPlace(item);
  keepOrder(list);
});

document.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest("[data-handle]");
  if (!handle || event.button !== 0) return;
  const item = handle.closest("[data-photo]"), list = item.parentElement;
  const before = [...list.children].map((one) => one.dataset.photo).join();
  handle.setPointerCapture(event.pointerId);
  item.classList.add("moving");
  const move = (moved) => {
    const over = document.elementsFromPoint(moved.clientX, moved.clientY).map((at) => at.closest("[data-photo]")).find((at) => at && at !== item && at.parentElement === list);
    if (!over) return;
    const box = over.getBoundingClientRect();
    const after = [...list.children].indexOf(over) > [...list.children].indexOf(item);
    if (moved.clientX < box.left || moved.clientX > box.right) return;
    if (after) over.after(item); else over.before(item);
    handle.setPointerCapture(event.pointerId);
  };
  const end = () => {
    handle.removeEventListener("pointermove", move);
    item.classList.remove("moving");
    if (before !== [...list.children].map((one) => one.dataset.photo).join()) { sayPlace(item); keepOrder(list); }
  };
  handle.addEventListener("pointermove", move);
  handle.addEventListener("pointerup", end, { once: true });
  handle.addEventListener("pointercancel", end, { once: true });
});

// The focal point: a dot to click, drag or move by the arrow keys.
function focal(stage) {
  const form = stage.closest("form"), dot = stage.querySelector(".dot"), x = form.elements.focal_x, y = form.elements.focal_y;
  const place = () => { dot.style.left = `${x.value}%`; dot.style.top = `${y.value}%`; };
  const set = (left, top) => {
    x.value = Math.round(clamp(left, 0, 100));
    y.value = Math.round(clamp(top, 0, 100));
    place();
    x.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const at = (event) => {
    const box = stage.getBoundingClientRect();
    set(100 * (event.clientX - box.left) / box.width, 100 * (event.clientY - box.top) / box.height);
  };
  dot.hidden = false;
  place();
  x.addEventListener("input", place);
  y.addEventListener("input", place);
  stage.addEventListener("pointerdown", (event) => { event.preventDefault(); dot.focus(); stage.setPointerCapture(event.pointerId); at(event); });
  stage.addEventListener("pointermove", (event) => { if (stage.hasPointerCapture(event.pointerId)) at(event); });
  dot.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 10 : 1;
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (!by) return;
    event.preventDefault();
    set(Number(x.value) + by[0], Number(y.value) + by[1]);
  });
}
document.querySelectorAll("[data-focal]").forEach(focal);

// The cut: a frame drawn over the picture; the fields below say the same in percent.
for (const stage of document.querySelectorAll("[data-cut]")) {
  const form = stage.closest("form"), frame = stage.querySelector(".cut-frame");
  const fields = ["cut_left", "cut_top", "cut_width", "cut_height"].map((name) => form.elements[name]);
  const place = () => {
    const [left, top, width, height] = fields.map((field) => Number(field.value));
    frame.hidden = left === 0 && top === 0 && width === 100 && height === 100;
    Object.assign(frame.style, { left: `${left}%`, top: `${top}%`, width: `${width}%`, height: `${height}%` });
  };
  for (const field of fields) field.addEventListener("input", place);
  let from;
  const point = (event) => {
    const box = stage.getBoundingClientRect();
    return [clamp(100 * (event.clientX - box.left) / box.width, 0, 100), clamp(100 * (event.clientY - box.top) / box.height, 0, 100)];
  };
  stage.addEventListener("pointerdown", (event) => { event.preventDefault(); stage.setPointerCapture(event.pointerId); from = point(event); });
  stage.addEventListener("pointermove", (event) => {
    if (!from) return;
    const to = point(event), values = [Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])];
    if (values[2] < 2 || values[3] < 2) return;
    fields.forEach((field, i) => { field.value = values[i].toFixed(1); });
    place();
  });
  stage.addEventListener("pointerup", () => { from = undefined; });
}
