/** The shop's pages as HTML. Everything printed here comes from our own files, never from a request. */

import { CURRENCY, card, drawing, products, won } from "./products.mjs";

const NAV = [
  ["/products", "Coffee", "nav-products"],
  ["/shop", "Order", "shop-link"],
  ["/about", "About", "nav-about"],
  ["/contact", "Contact", "nav-contact"],
];

/** A whole page. `tracker` is the tracker's script tag, or nothing. */
export function layout({ title, body, path, tracker, scripts = "", conversion = "" }) {
  const links = NAV.map(([href, label, hook]) => {
    const current = path.startsWith(href) ? ' aria-current="page"' : "";
    return `<a href="${href}" data-test="${hook}"${current}>${label}</a>`;
  }).join("");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="Haneul Coffee: small batches, roasted on Tuesdays.">
<title>${title} – Haneul Coffee</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
<link rel="stylesheet" href="/parts.css">
<script src="/site.js"></script>
${tracker}
</head>
<body${conversion && ` data-conversion="${conversion}"`}>
<header class="top"><a class="brand" href="/" data-test="home-link"><span class="mark" aria-hidden="true"></span>Haneul Coffee</a>
<nav aria-label="Main">${links}</nav></header>
<main id="main">${body}</main>
<footer class="bottom"><p>Haneul Coffee is an invented shop that shows LiveInsight at work. Nothing is for sale.</p>
<nav aria-label="More"><a href="https://example.org/brewing" data-test="outbound">Brewing guide</a>
<a href="/price-list.txt" data-test="download">Price list</a></nav></footer>
${scripts}
</body>
</html>`;
}

const home = () => ({
  title: "Small batches, roasted on Tuesdays",
  body: `<section class="hero"><div><p class="kicker">Roasted on Tuesdays</p>
    <h1>Coffee with a clear sky in it.</h1>
    <p class="lead">Six kinds, small batches, on your table two days after the roast.</p>
    <p class="actions"><a class="button" href="/shop" data-li-event="hero-order" data-test="hero-order">Order now</a>
    <a class="button quiet" href="/products" data-test="hero-products">See all coffee</a></p></div>
    ${drawing({ ...products[0], name: "A bag of Morning Blend" })}</section>
    <section><h2>This week</h2><div class="grid">${products
      .slice(0, 3)
      .map((product) => card(product, `/products/${product.id}`))
      .join("")}</div></section>
    <section class="facts"><div><h3>Fresh</h3><p>Roasted on Tuesday, sent on Wednesday.</p></div>
    <div><h3>Fair</h3><p>We pay growers by quality and publish what.</p></div>
    <div><h3>Free</h3><p>No postage above ${won(40000)}.</p></div></section>`,
});

const list = () => ({
  title: "Coffee and gear",
  body: `<h1>Coffee and gear</h1><p class="lead">All of it, always in stock, or it would not be here.</p>
    <div class="grid">${products.map((product) => card(product, `/products/${product.id}`)).join("")}</div>`,
});

const detail = (product) => ({
  title: product.name,
  body: `<p class="crumbs"><a href="/products">Coffee</a> / ${product.name}</p>
    <section class="detail">${drawing(product)}<div><p class="kicker">${product.kind}</p><h1>${product.name}</h1>
    <p class="lead">${product.about}</p><ul class="chips">${product.notes.map((note) => `<li>${note}</li>`).join("")}</ul>
    <p class="price large">${won(product.price)} <span class="muted">${product.weight}</span></p>
    <p class="actions"><a class="button" href="/shop/${product.id}" data-li-event="order-${product.id}"
      data-test="order">Order this</a></p></div></section>`,
});

const about = () => ({
  title: "About",
  body: `<article class="prose"><h1>About us</h1>
    <p class="lead">Haneul is Korean for sky, and the roastery has a very large window.</p>
    <p>We began with one machine and one rule: roast little, roast often. That is still all there is to it. Each
    Tuesday we roast what was ordered since the last one, let it rest for a day and send it off.</p>
    <p>How to make the most of a bag is best told by people who do nothing else: read
    <a href="https://example.org/grind" data-test="outbound-grind">about grinding</a> and
    <a href="https://example.net/water" data-test="outbound-water">about water</a>.</p>
    <h2>What a site has to do to be measured</h2>
    <p>This shop includes LiveInsight with one script tag and names a few elements with
    <code>data-li-event</code>. A purchase is one call: <code>liveinsight.conversion("purchase", …)</code>.</p>
    </article>`,
});

const contact = () => ({
  title: "Contact",
  body: `<article class="prose"><h1>Write to us</h1><p class="lead">We answer on weekdays, and never sell a thing you
    did not ask for.</p><form method="post" action="/contact" class="form" data-test="contact-form">
    <label>Name<input name="name" autocomplete="name" required data-test="contact-name"></label>
    <label>Your message<textarea name="message" rows="5" required data-test="contact-message"></textarea></label>
    <p class="actions"><button class="button" data-test="contact-send">Send</button></p></form></article>`,
});

const thanks = () => ({
  title: "Thank you",
  conversion: "contact",
  body: `<article class="prose center"><h1>Thank you</h1><p class="lead">Your message would have arrived, were this a
    real shop. Nothing was kept.</p><p class="actions"><a class="button quiet" href="/">Back home</a></p></article>`,
});

const shop = () => ({
  title: "Order",
  scripts: '<script type="module" src="/shop.mjs"></script>',
  body: `<div id="shop" aria-live="polite"></div>
    <noscript><p>Ordering needs JavaScript; the <a href="/products">list of coffees</a> does not.</p></noscript>`,
});

export const notFound = () => ({
  title: "Not found",
  body: `<article class="prose center"><h1>Not here</h1><p class="lead">There is no such page.</p>
    <p class="actions"><a class="button quiet" href="/">Back home</a></p></article>`,
});

/** The page at a path, or nothing. */
export function pageAt(path) {
  const fixed = {
    "/": home,
    "/products": list,
    "/about": about,
    "/contact": contact,
    "/contact/thanks": thanks,
  };
  if (Object.hasOwn(fixed, path)) return fixed[path]();
  if (path === "/shop" || path.startsWith("/shop/")) return shop();
  const product = products.find(({ id }) => path === `/products/${id}`);
  return product && detail(product);
}

/** The price list, for download. */
export function priceList() {
  const width = Math.max(...products.map(({ name }) => name.length));
  const lines = products.map(
    ({ name, price, weight }) => `${name.padEnd(width)}  ${won(price).padStart(8)}  ${weight}`,
  );
  return `Haneul Coffee – price list (${CURRENCY})\n\n${lines.join("\n")}\n`;
}
