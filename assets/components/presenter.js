// The page's measure: every length is in rem, so the root's font size scales all of it for a projector; and the
// pictures start right under the menu, where Streamlit would leave a hand's breadth empty.
export default function (component) {
  document.documentElement.style.fontSize = component.data.scale === 1 ? "" : `${16 * component.data.scale}px`;
  const page = document.querySelector("[data-testid=stMainBlockContainer]");
  if (page) page.style.paddingTop = "4.5rem";
  return () => {};
}
