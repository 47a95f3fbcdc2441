// A button that copies the page's address, with every setting in it, to the clipboard.
export default function (component) {
  const { parentElement: root, data } = component;
  const button = root.querySelector("button");
  const said = root.querySelector("output");
  button.textContent = data.label;
  button.title = data.help;

  button.onclick = async () => {
    const link = new URL(window.location.href);
    for (const [name, value] of Object.entries(data.params)) {
      if (value) link.searchParams.set(name, value);
    }
    try {
      await navigator.clipboard.writeText(link.href);
      said.textContent = data.done;
    } catch {
      // Browsers only open the clipboard on https and localhost: show the link to be copied by hand.
      said.textContent = link.href;
    }
    button.dataset.link = link.href;
    clearTimeout(button.timer);
    button.timer = setTimeout(() => (said.textContent = ""), 6000);
  };
  button.dataset.ready = "1";
  return () => clearTimeout(button.timer);
}
