// The bulk edit as a spreadsheet: arrows, ranges, copy, paste, undo. Without it the grid is a form.
const table = document.querySelector("[data-grid]");
if (table) {
  const rows = [...table.tBodies[0].rows].map((row) => [...row.cells].slice(1).map((cell) => cell.querySelector("input")));
  const place = new Map();
  rows.forEach((row, y) => row.forEach((input, x) => input && place.set(input, { x, y })));
  const count = document.querySelector("[data-grid-count]");
  const done = [];
  let undone = [];
  let from = null;
  let to = null;
  let entered = "";

  const changed = () => {
    let n = 0;
    for (const input of place.keys()) {
      const differs = input.value !== input.defaultValue;
      input.classList.toggle("changed", differs);
      n += differs;
    }
    count.textContent = n === 0 ? "" : (n === 1 ? count.dataset.one : count.dataset.many).replace("%", n);
    return n;
  };

  const write = (steps, after) => {
    for (const step of steps) step.input.value = after ? step.after : step.before;
    steps[0]?.input.focus();
    entered = document.activeElement?.value ?? "";
    changed();
  };

  const keep = (steps) => {
    const real = steps.filter((step) => step.before !== step.after);
    if (!real.length) return;
    done.push(real);
    undone = [];
    write(real, true);
  };

  // What is typed into one cell is one step, once the cell is left.
  const settle = (input) => {
    if (place.has(input) && input.value !== entered) {
      done.push([{ input, before: entered, after: input.value }]);
      undone = [];
      entered = input.value;
    }
    changed();
  };

  const range = () => {
    if (!from || !to) return null;
    return { left: Math.min(from.x, to.x), right: Math.max(from.x, to.x), top: Math.min(from.y, to.y), bottom: Math.max(from.y, to.y) };
  };

  const picked = () => {
    const r = range();
    return [...place].filter(([, at]) => r && at.x >= r.left && at.x <= r.right && at.y >= r.top && at.y <= r.bottom);
  };

  const paint = () => {
    const inside = new Set(picked().map(([input]) => input));
    for (const input of place.keys()) input.classList.toggle("picked", inside.size > 1 && inside.has(input));
  };

  const go = (input, dx, dy) => {
    let { x, y } = place.get(input);
    do { x += dx; y += dy; } while (rows[y] && x >= 0 && x < rows[y].length && !rows[y][x]);
    const next = rows[y]?.[x];
    if (next) { next.focus(); next.select(); }
    return next;
  };

  table.addEventListener("focusin", (event) => {
    if (!place.has(event.target)) return;
    entered = event.target.value;
    from = to = place.get(event.target);
    paint();
  });
  table.addEventListener("focusout", (event) => settle(event.target));
  table.addEventListener("input", changed);
  table.addEventListener("mousedown", (event) => {
    const at = place.get(event.target);
    if (at && event.shiftKey && from) { event.preventDefault(); to = at; paint(); }
  });

  table.addEventListener("keydown", (event) => {
    const input = event.target;
    if (!place.has(input)) return;
    const whole = input.selectionStart === 0 && input.selectionEnd === input.value.length;
    const steps = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
    const mod = event.ctrlKey || event.metaKey;
    if (steps && event.shiftKey && (steps[1] || whole)) {
      event.preventDefault();
      const x = to.x + steps[0];
      const y = to.y + steps[1];
      if (rows[y] && x >= 0 && x < rows[y].length) { to = { x, y }; paint(); }
    } else if (steps && !event.shiftKey && !mod && !event.altKey) {
      const edge = event.key === "ArrowLeft" ? input.selectionStart === 0 : input.selectionEnd === input.value.length;
      if (steps[1] || whole || edge) { event.preventDefault(); go(input, ...steps); }
    } else if (event.key === "Enter" && !mod) {
      event.preventDefault();
      go(input, 0, event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      input.value = entered;
      from = to = place.get(input);
      paint();
      changed();
    } else if (event.key === "Delete" && picked().length > 1) {
      event.preventDefault();
      keep(picked().map(([one]) => ({ input: one, before: one.value, after: "" })));
    } else if (mod && event.key.toLowerCase() === "d") {
      event.preventDefault();
      settle(input);
      const r = range();
      keep(picked().filter(([, at]) => at.y > r.top).map(([one, at]) => ({ input: one, before: one.value, after: rows[r.top][at.x]?.value ?? one.value })));
    } else if (mod && event.key.toLowerCase() === "z" && !event.shiftKey) {
      event.preventDefault();
      settle(input);
      const step = done.pop();
      if (step) { undone.push(step); write(step, false); }
    } else if (mod && (event.key.toLowerCase() === "y" || event.key.toLowerCase() === "z")) {
      event.preventDefault();
      const step = undone.pop();
      if (step) { done.push(step); write(step, true); }
    }
  });

  const quoted = (value) => (/[\t\n"]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

  table.addEventListener("copy", (event) => {
    const r = range();
    if (!r || (r.left === r.right && r.top === r.bottom)) return;
    event.preventDefault();
    const lines = [];
    for (let y = r.top; y <= r.bottom; y++) lines.push(rows[y].slice(r.left, r.right + 1).map((one) => quoted(one?.value ?? "")).join("\t"));
    event.clipboardData.setData("text/plain", lines.join("\n"));
  });

  // Cells parted by tabs, rows by line ends; a spreadsheet puts quotes around what holds either.
  const read = (text) => {
    const lines = [[""]];
    let inside = false;
    const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
    for (let i = 0; i < source.length; i++) {
      const c = source[i];
      const line = lines.at(-1);
      if (inside && c === '"' && source[i + 1] === '"') { line[line.length - 1] += '"'; i++; }
      else if (inside && c === '"') inside = false;
      else if (!inside && c === '"' && line.at(-1) === "") inside = true;
      else if (!inside && c === "\t") line.push("");
      else if (!inside && c === "\n") lines.push([""]);
      else line[line.length - 1] += c;
    }
    return lines.map((line) => line.map((cell) => cell.replace(/\s+/g, " ").trim()));
  };

  table.addEventListener("paste", (event) => {
    const input = event.target;
    if (!place.has(input)) return;
    const lines = read(event.clipboardData.getData("text/plain"));
    if (lines.length === 1 && lines[0].length === 1) return;
    event.preventDefault();
    settle(input);
    const r = range();
    const steps = [];
    lines.forEach((line, dy) => line.forEach((value, dx) => {
      const one = rows[r.top + dy]?.[r.left + dx];
      if (one) steps.push({ input: one, before: one.value, after: value });
    }));
    keep(steps);
    to = { x: Math.min(r.left + Math.max(...lines.map((line) => line.length)) - 1, rows[0].length - 1), y: Math.min(r.top + lines.length - 1, rows.length - 1) };
    from = { x: r.left, y: r.top };
    paint();
  });

  let leaving = false;
  table.closest("form").addEventListener("submit", () => { leaving = true; });
  addEventListener("pageshow", () => { leaving = false; changed(); });
  addEventListener("beforeunload", (event) => { if (!leaving && changed()) event.preventDefault(); });
}
