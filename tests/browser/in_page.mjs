// What is asked inside a page: each function stands alone, since the driver hands its text to the browser.

/// Elements, attributes and links that no report has, whatever a peer sent; links into the page that lead nowhere.
export function badMarkup() {
  const faults = [];
  const said = (element) => element.outerHTML.slice(0, 160);
  for (const element of document.querySelectorAll(
    "iframe, frame, object, embed, base, form, img, picture, audio, video, link, foreignObject, [http-equiv=refresh i]"))
    faults.push(`an element that it must not have: ${said(element)}`);
  for (const element of document.querySelectorAll("*"))
    for (const { name, value } of element.attributes) {
      if (/^on|^src|^action$|^formaction$|^ping$/i.test(name)) faults.push(`an attribute that it must not have: ${said(element)}`);
      if (!/(^|:)href$/i.test(name)) continue;
      if (value.startsWith("#") ? !document.getElementById(decodeURIComponent(value.slice(1))) : !/^https?:\/\//i.test(value))
        faults.push(`a link that leads nowhere, or to no web page: ${said(element)}`);
    }
  return faults;
}

/// Text that no scrolling brings into the window, and a window that has to be scrolled sideways.
export function cutText() {
  const faults = [];
  const { scrollWidth } = document.scrollingElement;
  if (scrollWidth > innerWidth) faults.push(`${scrollWidth} px are wider than the window of ${innerWidth}`);
  const reachable = (element) => {
    for (; element; element = element.parentElement) {
      const style = getComputedStyle(element);
      if (/auto|scroll/.test(style.overflowX) || style.clipPath !== "none") return true; // clipped: for screen readers
    }
    return false;
  };
  const range = document.createRange();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node && faults.length < 5; node = texts.nextNode()) {
    if (!node.data.trim()) continue;
    range.selectNodeContents(node);
    const { left, right } = range.getBoundingClientRect();
    if ((left < -1 || right > innerWidth + 1) && !reachable(node.parentElement)) faults.push(`text is cut: ${node.data.trim().slice(0, 100)}`);
  }
  return faults;
}

/// What the print has to hold: the headings, the addresses of links, and all words, but those for screen readers alone.
export function printed() {
  const clipped = (element) => element !== null && (getComputedStyle(element).clipPath !== "none" || clipped(element.parentElement));
  // An element whose display is `contents` has no box of its own: what it holds is in its parent's.
  const boxed = (element) => (getComputedStyle(element).display === "contents" ? boxed(element.parentElement) : element);
  const shown = (element) => boxed(element).checkVisibility({ visibilityProperty: true }) && !clipped(element);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const words = [];
  for (let node = texts.nextNode(); node; node = texts.nextNode())
    if (shown(node.parentElement)) words.push(...node.data.split(/\s+/).filter(Boolean));
  return {
    headings: [...document.querySelectorAll("h1, h2, h3")].filter(shown).map((heading) => heading.textContent),
    addresses: [...document.querySelectorAll("a[href^=http]")].filter(shown).map((link) => link.getAttribute("href")),
    words,
  };
}
