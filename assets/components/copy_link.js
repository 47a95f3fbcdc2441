// A button that copies the page's address, with every setting in it, to the clipboard. What was chosen just before the
// press stands in the address only when the app has answered; so the press asks the app for an answer of its own,
// which comes after all earlier ones, and the clipboard takes the promise of a link.
const LONGEST_WAIT_MS = 4000;                // browsers let a press open the clipboard for about five seconds
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const running = () => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "running";

const finished = async () => {               // the rest of the page's run may still change the address
  while (running()) await pause(50);
  await pause(0);
};

const address = (params) => {
  const link = new URL(window.location.href);
  for (const [name, value] of Object.entries(params)) {
    if (value) link.searchParams.set(name, value);
  }
  return link.href;
};

export default function (component) {
  const { parentElement: root, data, setTriggerValue } = component;
  const button = root.querySelector("button");
  const said = root.querySelector("output");
  button.textContent = data.label;
  button.title = data.help;
  button.params = data.params;
  if (data.press >= button.wanted) button.answered();

  button.onclick = async () => {
    button.wanted = data.press + 1;
    const answered = new Promise((done) => { button.answered = done; });
    setTriggerValue("press", button.wanted);
    const link = Promise.race([answered.then(finished), pause(LONGEST_WAIT_MS)]).then(() => address(button.params));
    const text = link.then((href) => new Blob([href], { type: "text/plain" }));
    try {
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": text })]);
      said.textContent = data.done;
    } catch {
      // Browsers only open the clipboard on https and localhost: show the link to be copied by hand.
      said.textContent = await link;
    }
    button.dataset.link = await link;
    clearTimeout(button.timer);
    button.timer = setTimeout(() => (said.textContent = ""), 6000);
  };
  button.dataset.ready = "1";
  return () => clearTimeout(button.timer);
}
