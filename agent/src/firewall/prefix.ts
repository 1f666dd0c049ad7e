/** Everything of ours in the packet filter begins with this. The launcher knows it too, which has no libraries. */
export const prefix = "SKYPANEL"
