// The preview follows the form: what is seen is what will be printed.
const form = document.querySelector("[data-studio]");
const picture = document.querySelector(".studio-preview img");
if (form && picture) {
  form.querySelector("[data-show]").remove();
  const own = form.querySelector("[data-own]");
  let waiting;
  const follow = () => {
    const fields = new URLSearchParams(new FormData(form));
    picture.src = "/admin/studio/preview.svg?" + fields;
    history.replaceState(null, "", "/admin/studio?" + fields);
  };
  form.addEventListener("input", (event) => {
    if (event.target.name === "sheet" && own) {
      own.open = event.target.value === "own";
      form.elements.count.value = "";
    }
    clearTimeout(waiting);
    waiting = setTimeout(follow, 250);
  });
}
