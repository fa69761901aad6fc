// Attaches to #moment, the words that ?t= names, and brings them into view.
// A link with #moment does so without this script; an address with ?t= alone does not, nor does one
// whose fragment names a time (#t=).

import { bring } from "./scrolling.js";

const moment = document.getElementById("moment");
const isElsewhere = location.hash && location.hash !== "#moment" && !location.hash.startsWith("#t=");
if (moment && !isElsewhere && new URLSearchParams(location.search).has("t")) bring(moment);
