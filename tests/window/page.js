// What a person can see of a page and what a screen reader would say about it. Every script of this folder is run with
// these functions in front of it.

const CONTROLS = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex], [contenteditable=true]';

const ROLES = {
  A: el => (el.hasAttribute('href') ? 'link' : ''),
  ARTICLE: () => 'article',
  ASIDE: () => 'complementary',
  BUTTON: () => 'button',
  DETAILS: () => 'group',
  DIALOG: () => 'dialog',
  FIELDSET: () => 'group',
  FOOTER: el => (el.closest('article, aside, main, nav, section') ? '' : 'contentinfo'),
  FORM: () => 'form',
  H1: () => 'heading',
  H2: () => 'heading',
  H3: () => 'heading',
  H4: () => 'heading',
  H5: () => 'heading',
  H6: () => 'heading',
  HEADER: el => (el.closest('article, aside, main, nav, section') ? '' : 'banner'),
  IMG: () => 'img',
  INPUT: el =>
    ({
      button: 'button',
      checkbox: 'checkbox',
      file: 'file',
      image: 'button',
      number: 'spinbutton',
      radio: 'radio',
      range: 'slider',
      reset: 'button',
      search: 'searchbox',
      submit: 'button',
    })[el.type] ?? 'textbox',
  LI: () => 'listitem',
  MAIN: () => 'main',
  NAV: () => 'navigation',
  OL: () => 'list',
  OPTION: () => 'option',
  OUTPUT: () => 'status',
  PROGRESS: () => 'progressbar',
  SECTION: el => (el.hasAttribute('aria-label') || el.hasAttribute('aria-labelledby') ? 'region' : ''),
  SELECT: el => (el.multiple || el.size > 1 ? 'listbox' : 'combobox'),
  SUMMARY: () => 'button',
  TABLE: () => 'table',
  TD: () => 'cell',
  TEXTAREA: () => 'textbox',
  TH: () => 'columnheader',
  TR: () => 'row',
  UL: () => 'list',
};

// Roles whose name is what they contain, where nothing else names them.
const NAMED_BY_CONTENT = new Set([
  'button', 'cell', 'checkbox', 'columnheader', 'heading', 'link', 'listitem', 'menuitem', 'option', 'radio', 'row', 'switch', 'tab',
]);

const tidy = text => text.replace(/\s+/g, ' ').trim();

const roleOf = el => {
  const given = (el.getAttribute('role') ?? '').trim().split(/\s+/)[0];
  return given || (ROLES[el.tagName]?.(el) ?? '');
};

const heard = el => !el.closest('[aria-hidden=true], [inert]') && el.checkVisibility({ visibilityProperty: true });

// Something is seen that takes room, is not transparent and not cut down to nothing for the eyes.
const seen = el => {
  const box = el.getBoundingClientRect();
  return el.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && box.width > 1 && box.height > 1;
};

const textWithin = node => {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  if (node.nodeType !== Node.ELEMENT_NODE) return '';
  if (node.getAttribute('aria-hidden') === 'true' || !node.checkVisibility({ visibilityProperty: true })) return '';
  const given = node.getAttribute('aria-label');
  if (given) return ` ${given} `;
  if (node.tagName === 'IMG') return ` ${node.alt} `;
  if (node.tagName === 'svg') return ` ${node.querySelector(':scope > title')?.textContent ?? ''} `;
  const inner = [...node.childNodes].map(textWithin).join('');
  return getComputedStyle(node).display.startsWith('inline') ? inner : ` ${inner} `;
};

const nameOf = el => {
  const by = (el.getAttribute('aria-labelledby') ?? '').split(/\s+/).filter(Boolean);
  const parts = by.map(id => document.getElementById(id)).filter(Boolean).map(textWithin);
  if (parts.length) return tidy(parts.join(' '));
  const given = el.getAttribute('aria-label');
  if (given) return tidy(given);
  if (el.labels?.length) return tidy([...el.labels].map(textWithin).join(' '));
  if (el.tagName === 'IMG') return tidy(el.alt);
  if (el.tagName === 'svg') return tidy(el.querySelector(':scope > title')?.textContent ?? '');
  if (el.tagName === 'FIELDSET') return tidy(textWithin(el.querySelector(':scope > legend') ?? document.createTextNode('')));
  if (el.tagName === 'INPUT' && ['button', 'submit', 'reset'].includes(el.type)) return tidy(el.value);
  if (NAMED_BY_CONTENT.has(roleOf(el))) {
    const inner = tidy([...el.childNodes].map(textWithin).join(' '));
    if (inner) return inner;
  }
  return tidy(el.getAttribute('title') ?? '');
};

// Where a person can be at the moment: in the dialog that covers the rest, or on the page.
const ground = () => [...document.querySelectorAll('dialog:modal, [aria-modal=true]')].filter(heard).at(-1) ?? document.body;

const takesKeys = el =>
  !el.matches(':disabled') && el.tabIndex >= 0 && heard(el) && ground().contains(el) && !(el.tagName === 'SUMMARY' && el.parentElement.tagName !== 'DETAILS');

// The stops of the Tab key, in the order of the document. Of a group of radio buttons only one is a stop.
const stops = () =>
  [...document.querySelectorAll(CONTROLS)].filter(takesKeys).filter(el => {
    if (el.tagName !== 'INPUT' || el.type !== 'radio' || !el.name || el.checked) return true;
    const group = [...document.querySelectorAll('input[type=radio]')].filter(other => other.name === el.name && other.form === el.form);
    return !group.some(other => other.checked);
  });

const FIELDS = new Set(['combobox', 'searchbox', 'slider', 'spinbutton', 'textbox']);

const isOf = (el, role) => (role === 'field' ? FIELDS.has(roleOf(el)) : role ? roleOf(el) === role : roleOf(el) !== '');

// Elements of a role (any, if empty; `field` is whatever is written or chosen in) whose name is this, or else contains it.
const named = (role, name) => {
  const wanted = tidy(name).toLowerCase();
  const fit = [...ground().querySelectorAll('*')].filter(el => isOf(el, role) && heard(el));
  const exact = fit.filter(el => nameOf(el).toLowerCase() === wanted);
  return exact.length ? exact : fit.filter(el => nameOf(el).toLowerCase().includes(wanted));
};
