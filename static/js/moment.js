// Attaches to #moment, the words that ?t= names, and brings them into view.
// A link with #moment does so without this script; an address with ?t= alone does not.

import { bring } from "./scrolling.js";

const moment = document.getElementById("moment");
const isAsked = location.hash === "#moment" || !location.hash;
if (moment && isAsked && new URLSearchParams(location.search).has("t")) bring(moment);
