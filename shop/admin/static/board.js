// The selection board by drag and by arrow keys; without it, each card's buttons move it.
const board = document.querySelector("[data-board]");
if (board) {
  const send = (card, stage) => {
    const button = card.querySelector(`button[name=to][value="${CSS.escape(stage)}"]`);
    if (button) button.form.requestSubmit(button);
  };
  for (const card of board.querySelectorAll("[data-card]")) {
    card.draggable = true;
    card.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", card.dataset.card));
    card.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
      const columns = [...board.querySelectorAll("[data-stage]")];
      const next = columns[columns.indexOf(card.closest("[data-stage]")) + (event.key === "ArrowRight" ? 1 : -1)];
      if (!next) return;
      event.preventDefault();
      send(card, next.dataset.stage);
    });
  }
  for (const column of board.querySelectorAll("[data-stage]")) {
    column.addEventListener("dragover", (event) => { event.preventDefault(); column.classList.add("over"); });
    column.addEventListener("dragleave", () => column.classList.remove("over"));
    column.addEventListener("drop", (event) => {
      event.preventDefault();
      column.classList.remove("over");
      const card = document.getElementById(`card-${event.dataTransfer.getData("text/plain")}`)?.closest("[data-card]");
      if (card) send(card, column.dataset.stage);
    });
  }
}
