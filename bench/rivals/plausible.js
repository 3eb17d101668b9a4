// Plausible's package is a module: bundled with this line it is a script, as a site would build it.
import { init } from "@plausible-analytics/tracker";

init(window.plausibleOptions);
