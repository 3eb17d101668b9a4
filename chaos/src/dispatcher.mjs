// What Cloudflare does to a worker besides sending it requests: messages of queues, the schedule, and evicting its
// Durable Objects. The driver asks for each over HTTP.

import unsafe from "workerd:unsafe";

export default {
  async fetch(request, { WORKER }) {
    switch (new URL(request.url).pathname) {
      case "/queue": {
        const { queue, messages } = await request.json();
        const delivered = messages.map((message) => ({ ...message, timestamp: new Date(message.timestamp) }));
        return Response.json(await WORKER.queue(queue, delivered));
      }
      case "/schedule":
        return Response.json(await WORKER.scheduled({ scheduledTime: new Date(), cron: "12 * * * *" }));
      case "/evict":
        await unsafe.abortAllDurableObjects();
        return Response.json({});
      default:
        return new Response("not found", { status: 404 });
    }
  },
};
