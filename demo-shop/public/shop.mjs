/** The order part of the shop: a single-page app with its own addresses below /shop. */

import { CURRENCY, card, drawing, findProduct, products, won } from "./products.mjs";

const KEY = "haneul.cart";
const FREE_POSTAGE_FROM = 40_000;
const POSTAGE = 3_000;
const root = document.getElementById("shop");

/** The cart: product ids and counts. Lost with the tab, as befits a shop that sells nothing. */
const cart = {
  read() {
    try {
      return JSON.parse(sessionStorage.getItem(KEY)) ?? {};
    } catch {
      return {};
    }
  },
  write(counts) {
    sessionStorage.setItem(KEY, JSON.stringify(counts));
  },
  change(id, by) {
    const counts = this.read();
    counts[id] = (counts[id] ?? 0) + by;
    if (counts[id] <= 0) delete counts[id];
    this.write(counts);
  },
  lines() {
    return Object.entries(this.read())
      .map(([id, count]) => ({ product: findProduct(id), count }))
      .filter(({ product }) => product);
  },
  sum() {
    return this.lines().reduce((sum, { product, count }) => sum + product.price * count, 0);
  },
  count() {
    return this.lines().reduce((sum, { count }) => sum + count, 0);
  },
};

const postage = () => (cart.sum() >= FREE_POSTAGE_FROM ? 0 : POSTAGE);

function bar() {
  return `<p class="crumbs"><a href="/shop" data-test="catalogue-link">All products</a>
    <a class="cart-link" href="/shop/cart" data-test="cart-link">Cart (${cart.count()})</a></p>`;
}

function catalogue(kind) {
  const kinds = ["all", ...new Set(products.map((product) => product.kind))];
  const chosen = kinds.includes(kind) ? kind : "all";
  const shown = products.filter((product) => chosen === "all" || product.kind === chosen);
  const buttons = kinds.map(
    (name) => `<button class="chip" data-kind="${name}" aria-pressed="${name === chosen}">${name}</button>`,
  );
  return {
    title: "Order",
    html: `${bar()}<h1>What would you like?</h1>
      <div class="chips" role="group" aria-label="Kind" data-li-event="filter" data-test="filter">${buttons.join("")}</div>
      <div class="grid">${shown.map((product) => card(product, `/shop/${product.id}`)).join("")}</div>`,
  };
}

function product(item) {
  return {
    title: item.name,
    html: `${bar()}<section class="detail">${drawing(item)}<div><p class="kicker">${item.kind}</p><h1>${item.name}</h1>
      <p class="lead">${item.about}</p><p class="price large">${won(item.price)} <span class="muted">${item.weight}</span></p>
      <p class="actions"><button class="button" data-add="${item.id}" data-li-event="add-to-cart"
        data-test="add-to-cart">Add to cart</button></p></div></section>`,
  };
}

function cartPage() {
  const rows = cart.lines().map(
    ({ product: { id, name, price }, count }) => `<tr><td><a href="/shop/${id}">${name}</a></td>
      <td class="count"><button class="chip" data-less="${id}" aria-label="One ${name} less">−</button> ${count}
      <button class="chip" data-more="${id}" aria-label="One ${name} more">+</button></td>
      <td class="number">${won(price * count)}</td></tr>`,
  );
  if (rows.length === 0) {
    return { title: "Cart", html: `${bar()}<h1>Your cart</h1><p class="lead">It is still empty.</p>` };
  }
  return {
    title: "Cart",
    html: `${bar()}<h1>Your cart</h1><table class="lines"><tbody>${rows.join("")}
      <tr><td>Postage</td><td></td><td class="number">${postage() ? won(postage()) : "free"}</td></tr></tbody>
      <tfoot><tr><th>Total</th><td></td><td class="number">${won(cart.sum() + postage())}</td></tr></tfoot></table>
      <p class="actions"><a class="button" href="/shop/checkout" data-test="checkout">Go to checkout</a></p>`,
  };
}

function checkout() {
  if (cart.count() === 0) return cartPage();
  return {
    title: "Checkout",
    html: `${bar()}<h1>Checkout</h1><p class="lead">${cart.count()} in the cart, ${won(cart.sum() + postage())} in all.
      No address, no card: this shop is a demonstration.</p>
      <p class="actions"><button class="button" data-buy data-test="buy">Buy now</button></p>`,
  };
}

const thanks = () => ({
  title: "Thank you",
  html: `<article class="prose center" data-test="thanks"><h1>Thank you</h1>
    <p class="lead">Your order would be roasted on Tuesday.</p>
    <p class="actions"><a class="button quiet" href="/shop">Order something else</a></p></article>`,
});

function view() {
  const name = location.pathname.replace(/^\/shop\/?/, "");
  if (name === "cart") return cartPage();
  if (name === "checkout") return checkout();
  if (name === "thanks") return thanks();
  const item = findProduct(name);
  return item ? product(item) : catalogue(new URLSearchParams(location.search).get("kind"));
}

function render() {
  const { title, html } = view();
  root.innerHTML = html;
  document.title = `${title} – Haneul Coffee`;
}

function go(path) {
  history.pushState({}, "", path);
  render();
  scrollTo(0, 0);
}

function buy() {
  const items = cart.count();
  const amount = String(cart.sum() + postage());
  window.liveinsight.conversion("purchase", {
    revenue: { amount, currency: CURRENCY },
    props: {
      items,
      products: cart
        .lines()
        .map(({ product: { id } }) => id)
        .join(","),
    },
  });
  cart.write({});
  go("/shop/thanks");
}

root.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (link?.pathname.startsWith("/shop") && plain) {
    event.preventDefault();
    go(link.pathname);
  }
  const { add, less, more, kind, buy: buys } = event.target.closest("button")?.dataset ?? {};
  if (add) {
    cart.change(add, 1);
    go("/shop/cart");
  }
  if (less || more) {
    cart.change(less ?? more, less ? -1 : 1);
    render();
  }
  if (kind) {
    // A filter is not another page: the address is replaced.
    history.replaceState({}, "", kind === "all" ? "/shop" : `/shop?kind=${encodeURIComponent(kind)}`);
    render();
  }
  if (buys !== undefined) buy();
});

addEventListener("popstate", render);
render();
