// Looks a screen over: names, roles, order, focus, contrast, room. Returns one line for each fault, with the element's HTML.

const faults = [];
const html = el => el.outerHTML.replace(/\s+/g, ' ').slice(0, 300);
const fault = (what, el) => faults.push(el ? `${what}: ${html(el)}` : what);
const all = selector => [...document.querySelectorAll(selector)];

// The document.
if (!document.documentElement.lang) fault('the document names no language', document.documentElement.cloneNode(false));
if (!document.title) fault('the document has no title');
if (document.documentElement.scrollWidth > document.documentElement.clientWidth)
  fault(`the page is ${document.documentElement.scrollWidth} px wide in a window of ${document.documentElement.clientWidth}`);
for (const el of all('main, main *')) {
  const style = getComputedStyle(el);
  const scrolls = ['auto', 'scroll'].includes(style.overflowX) && el.scrollWidth > el.clientWidth + 1;
  // A table, a drawing or a file's text may scroll within its own frame, where the keyboard can reach it. What is only read
  // out is cut by a frame of one pixel, and nobody scrolls it.
  if (scrolls && heard(el) && !el.closest('.visually-hidden') && el.tabIndex < 0) fault('scrolls sideways, and the keyboard cannot reach it', el);
}

// Headings.
const headings = all('h1, h2, h3, h4, h5, h6, [role=heading]').filter(heard);
const level = el => Number(el.getAttribute('aria-level') ?? el.tagName.slice(1));
const first = headings.filter(el => level(el) === 1);
if (first.length !== 1) fault(`${first.length} headings of the first level instead of one`, first[1]);
headings.filter(el => ground().contains(el)).reduce((above, el) => {
  if (above && level(el) > above + 1) fault(`a heading of level ${level(el)} follows one of level ${above}`, el);
  if (!nameOf(el)) fault('a heading without words', el);
  return level(el);
}, 0);

// Landmarks. Before anybody is let in there is nothing to go to.
const landmark = role => all('*').filter(el => roleOf(el) === role && heard(el));
if (landmark('main').length !== 1) fault(`${landmark('main').length} main landmarks instead of one`);
for (const role of wanted.landmarks) if (!landmark(role).length) fault(`no landmark ${role}`);
for (const role of ['navigation', 'complementary', 'region']) {
  const several = landmark(role);
  if (several.length > 1) for (const el of several) if (!nameOf(el)) fault(`one of several landmarks ${role} without a name`, el);
}

// Ids and what refers to them.
const ids = all('[id]').map(el => el.id);
for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) fault(`the id ${id} stands twice`, document.getElementById(id));
for (const attribute of ['aria-labelledby', 'aria-describedby', 'aria-controls', 'for', 'aria-errormessage', 'aria-details'])
  for (const el of all(`[${attribute}]`))
    for (const id of el.getAttribute(attribute).split(/\s+/).filter(Boolean))
      if (!document.getElementById(id)) fault(`${attribute} names ${id}, which is not there`, el);

// Controls.
const KNOWN = new Set([
  'button', 'checkbox', 'combobox', 'file', 'link', 'listbox', 'menuitem', 'menuitemradio', 'option', 'radio', 'searchbox', 'slider', 'spinbutton',
  'switch', 'tab', 'textbox',
]);
// Reached by Tab to be read or scrolled, without being controls.
const PLACES = new Set(['region', 'group', 'log', 'img', 'table', 'main', 'document', 'list', 'tabpanel', 'heading', 'alert', 'status', 'figure', 'dialog']);
const controls = all(CONTROLS).filter(heard);
for (const el of controls) {
  const role = roleOf(el);
  if (el.tabIndex > 0) fault('a positive tabindex', el);
  if (!nameOf(el) && !(el.tabIndex < 0 && !KNOWN.has(role))) fault('a control without a name', el);
  if (!KNOWN.has(role) && !PLACES.has(role)) fault(`a control of the role "${role}"`, el);
  if (el.matches('input, select, textarea') && !el.labels?.length && !el.hasAttribute('aria-label') && !el.hasAttribute('aria-labelledby'))
    fault('a field without a label', el);
  if (el.parentElement.closest('a[href], button')) fault('a control inside a control', el);
  if (el.getAttribute('aria-invalid') === 'true' && !el.getAttribute('aria-describedby') && !el.getAttribute('aria-errormessage'))
    fault('a field is wrong and does not say why', el);
}
for (const label of all('label').filter(heard)) if (!label.control) fault('a label of nothing', label);
for (const el of all('[aria-hidden=true]'))
  if (el.matches(CONTROLS) || [...el.querySelectorAll(CONTROLS)].some(inner => inner.tabIndex >= 0 && !inner.matches(':disabled') && inner.checkVisibility({ visibilityProperty: true })))
    fault('the keyboard comes to what is hidden from screen readers', el);

// Pictures.
for (const el of all('img, svg, [role=img], canvas').filter(el => el.checkVisibility({ visibilityProperty: true }))) {
  if (el.closest('[aria-hidden=true]') || el.parentElement.closest('[role=img]')) continue;
  if (el.tagName === 'IMG' && el.getAttribute('alt') === '') continue;
  if (['presentation', 'none'].includes(el.getAttribute('role'))) continue;
  if (!nameOf(el)) fault('a picture without a name that is not hidden from screen readers', el);
  else if (el.tagName === 'svg' && el.getAttribute('role') !== 'img') fault('a drawing with a name, but without the role img', el);
}

// Lists and tables.
for (const el of all('ul, ol').filter(heard))
  for (const child of el.children)
    if (!['LI', 'TEMPLATE', 'SCRIPT'].includes(child.tagName)) fault('something in a list that is no item of it', child);
for (const el of all('table').filter(heard)) if (!el.querySelector('th')) fault('a table without headings', el);

// Focus: seen wherever it is, and never on something that is not.
const before = document.activeElement;
const looks = el => {
  const style = getComputedStyle(el);
  const outline = style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 1 ? 'none' : `${style.outlineStyle} ${style.outlineWidth} ${style.outlineColor}`;
  return `${outline} | ${style.boxShadow}`;
};
for (const el of stops()) {
  const around = [el, ...(el.labels ?? []), el.parentElement, el.nextElementSibling].filter(Boolean);
  if (el === document.activeElement) el.blur();
  const calm = around.map(looks);
  el.focus({ preventScroll: true, focusVisible: true });
  if (document.activeElement !== el) {
    fault('cannot be focused', el);
    continue;
  }
  if (!around.some((part, at) => looks(part) !== calm[at])) fault(`focus is not seen (${looks(el)})`, el);
  // A native field may lie unseen over or under what stands for it; that must then be seen itself.
  if (!seen(el) && !around.slice(1).some(seen)) fault('the keyboard comes to what nobody sees', el);
  el.blur();
}
if (before && before !== document.body) before.focus({ preventScroll: true });

// Contrast of text with what is behind it, as far as styles tell.
const pixel = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
pixel.canvas.width = pixel.canvas.height = 1;
const colours = new Map();
const colour = css => {
  if (!colours.has(css)) {
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = css;
    pixel.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pixel.getImageData(0, 0, 1, 1).data;
    colours.set(css, [r, g, b, a / 255]);
  }
  return colours.get(css);
};
const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
const light = ([r, g, b]) => {
  const part = value => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
};
const ratio = (a, b) => {
  const [x, y] = [light(a), light(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
};
const canvasColour = () => {
  const probe = document.createElement('i');
  probe.style.cssText = 'background-color: Canvas';
  document.body.append(probe);
  const css = getComputedStyle(probe).backgroundColor;
  probe.remove();
  return colour(css);
};
const base = canvasColour();
const behind = el => {
  if (!el) return base;
  const style = getComputedStyle(el);
  if (style.backgroundImage !== 'none') return null;
  const own = colour(style.backgroundColor);
  if (own[3] === 1) return own;
  // A modal dialog stands over the page, not on it.
  const under = el.matches('dialog:modal') ? base : behind(el.parentElement);
  return under && over(own, under);
};
const opacity = el => (el ? Number(getComputedStyle(el).opacity) * opacity(el.parentElement) : 1);
const inactive = el => el.closest(':disabled, [aria-disabled=true], [inert]') || [...(el.closest('label')?.querySelectorAll(':disabled') ?? [])].length > 0;
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const checked = new Set();
const judge = (el, css, words) => {
  const back = behind(el);
  if (!back || inactive(el)) return;
  const ink = colour(css);
  const found = ratio(over([ink[0], ink[1], ink[2], ink[3] * opacity(el)], back), back);
  if (found < 4.5) fault(`contrast ${found.toFixed(2)} of ${css} on rgb(${back.slice(0, 3).map(Math.round)}), "${tidy(words).slice(0, 40)}"`, el);
};
while (texts.nextNode()) {
  const el = texts.currentNode.parentElement;
  if (!texts.currentNode.data.trim() || checked.has(el) || ['SCRIPT', 'STYLE', 'TEMPLATE'].includes(el.tagName) || !seen(el)) continue;
  if (!ground().contains(el)) continue;
  checked.add(el);
  const style = getComputedStyle(el);
  judge(el, el.closest('svg') ? style.fill : style.color, texts.currentNode.data);
}
for (const el of all('input, textarea, select').filter(seen)) {
  if (el.value && !['checkbox', 'radio', 'range', 'file', 'color'].includes(el.type)) judge(el, getComputedStyle(el).color, el.value);
  if (el.placeholder && !el.value) judge(el, getComputedStyle(el, '::placeholder').color, el.placeholder);
}

return faults;
