// A file of its own, because the content security policy allows no script inside the page.
import init from "./romp_ui.js";

init();
