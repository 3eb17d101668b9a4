/** What the shop sells: the one list behind the pages, the single-page shop and the price list. */

export const CURRENCY = "KRW";

export const products = [
  {
    id: "morning-blend",
    name: "Morning Blend",
    kind: "blend",
    price: 16000,
    weight: "250 g",
    roast: "Medium",
    tone: "amber",
    notes: ["hazelnut", "milk chocolate", "orange"],
    about: "The one we drink ourselves. Round and sweet, made for a filter and forgiving to any pot.",
  },
  {
    id: "night-espresso",
    name: "Night Espresso",
    kind: "espresso",
    price: 18000,
    weight: "250 g",
    roast: "Dark",
    tone: "plum",
    notes: ["cocoa", "blackberry", "caramel"],
    about: "Thick and quiet, with hardly any acidity. Stands up to milk, and to late hours.",
  },
  {
    id: "yirgacheffe",
    name: "Yirgacheffe Washed",
    kind: "single origin",
    price: 21000,
    weight: "200 g",
    roast: "Light",
    tone: "sage",
    notes: ["jasmine", "lemon", "black tea"],
    about: "Floral and clear as tea. Grown high, washed, roasted lightly and best a fortnight later.",
  },
  {
    id: "huila",
    name: "Huila Honey",
    kind: "single origin",
    price: 20000,
    weight: "200 g",
    roast: "Medium",
    tone: "rose",
    notes: ["honey", "red apple", "almond"],
    about: "Dried with part of its fruit, which leaves the sweetness in. Bright without being sharp.",
  },
  {
    id: "decaf",
    name: "Evening Decaf",
    kind: "decaf",
    price: 17000,
    weight: "250 g",
    roast: "Medium",
    tone: "sky",
    notes: ["brown sugar", "walnut", "plum"],
    about: "Decaffeinated with water alone. All of the cup and none of the ceiling at three in the morning.",
  },
  {
    id: "dripper",
    name: "Stoneware Dripper",
    kind: "gear",
    price: 32000,
    weight: "for 1–2 cups",
    roast: "",
    tone: "clay",
    notes: ["stoneware", "dishwasher-safe", "made to last"],
    about: "A plain, heavy dripper that keeps its heat. Fits every 02 paper and most mugs.",
  },
];

export const findProduct = (id) => products.find((product) => product.id === id);

/** An amount as people read it. */
export const won = (amount) => `₩${amount.toLocaleString("en-US")}`;

/** The drawing of a product: a bag of coffee, or the dripper. Colours come from the style sheet. */
export function drawing({ kind, tone, name }) {
  const bag = `<path class="ink" d="M62 34h76l8 20v110a8 8 0 0 1-8 8H62a8 8 0 0 1-8-8V54z"/>
    <path class="shade" d="M54 54h92v12H54z"/><path class="paper" d="M70 88h60v52H70z"/>
    <path class="bean" d="M100 98c12 4 12 28 0 32-12-4-12-28 0-32z"/><path class="line" d="M100 101c-5 11 5 18 0 26"/>`;
  const dripper = `<path class="ink" d="M50 62h100l-26 60H76z"/><path class="shade" d="M44 54h112v10H44z"/>
    <path class="ink" d="M62 122h76v10H62z"/><path class="paper" d="M72 140h56v22a10 10 0 0 1-10 10H82a10 10 0 0 1-10-10z"/>
    <path class="line" d="M128 146h8a8 8 0 0 1 0 16h-8"/>`;
  const shape = kind === "gear" ? dripper : bag;
  return `<svg class="drawing tone-${tone}" viewBox="0 0 200 200" role="img" aria-label="${name}">
    <rect class="ground" width="200" height="200"/>${shape}</svg>`;
}

/** A product as a card of a list; `href` says where it leads. */
export function card(product, href) {
  return `<a class="card" href="${href}" data-test="product-${product.id}">${drawing(product)}
    <span class="card-text"><strong>${product.name}</strong>
    <span class="muted">${product.notes.join(" · ")}</span>
    <span class="price">${won(product.price)}</span></span></a>`;
}
