// Attaches to .making, the page of a new clip. In the reader it is dialog.js.

import { Form } from "./form.js";

const root = document.querySelector(".making");
if (root?.querySelector("form.clipping")) new Form(root);
